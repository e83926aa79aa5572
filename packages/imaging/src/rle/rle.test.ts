import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImagingError } from '../errors.js';
import { decodeRle } from './decode-rle.js';
import { encodeRle, runsOfMask } from './encode-rle.js';
import { parseRle } from './parse-rle.js';

const siim = { width: 4, height: 3, relative: true } as const;
const kaggle = { width: 4, height: 3, relative: false } as const;

test('relative runs count from the end of the run before and go down the columns', () => {
  // flat pixels 1, 2 and 5: (column 0, rows 1 and 2), (column 1, row 2)
  expect(parseRle('1 2 2 1', siim)).toEqual([
    { start: 1, length: 2 },
    { start: 5, length: 1 },
  ]);
  expect([...decodeRle(['1 2 2 1'], siim)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]);
});

test('absolute runs count from 1', () => {
  expect(parseRle('2 2 6 1', kaggle)).toEqual(parseRle('1 2 2 1', siim));
  expect([...decodeRle(['2 1'], { ...kaggle, order: 'row' })]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test.each([' -1', '-1', '-1 '])('%j is no mask', (text) => {
  expect(parseRle(text, siim)).toEqual([]);
  expect(decodeRle([text], siim).every((value) => value === 0)).toBe(true);
});

test('several rows are united, overlapping ones too', () => {
  const united = decodeRle(['0 3', '2 2', '-1'], siim);
  expect([...runsOfMask(united, 4, 3)]).toEqual([{ start: 0, length: 4 }]);
});

test('no mask is written as the format says', () => {
  expect(encodeRle(new Uint8Array(12), siim)).toBe('-1');
  expect(encodeRle(new Uint8Array(12), kaggle)).toBe('');
  expect(parseRle('', kaggle)).toEqual([]);
});

describe('what describes no mask', () => {
  test.each([
    ['1 2 3', 4, 'odd'],
    ['1 -2', 2, 'length -2'],
    ['1 0', 2, 'length 0'],
    ['1 2.5', 2, 'not a whole number'],
    ['1 x', 2, 'not a whole number'],
    ['1 2 -1 3', 4, '`-1`'],
    ['-2 3', 0, 'gap -2'],
    ['-1 -1', 0, '`-1`'],
    ['', 0, 'empty'],
    ['  ', 0, 'empty'],
    ['1 12', 0, 'past the last'],
    ['1 2 99999999999 1', 4, 'past the last'],
    ['1 1e3', 2, 'not a whole number'],
    ['999999999999999999999 1', 0, 'not a whole number'],
  ])('relative %j is refused at %i', (text, offset, reason) => {
    const error = caught(() => parseRle(text, siim));
    expect(error.code).toBe('RLE_INVALID');
    expect(error.offset).toBe(offset);
    expect(error.reason).toContain(reason);
  });

  test.each([
    ['0 1', 'counted from 1'],
    ['-1', 'odd'],
    ['3 4 5 1', 'before the end'],
    ['5 1 1 1', 'before the end'],
    ['13 1', 'past the last'],
  ])('absolute %j is refused', (text, reason) => {
    expect(caught(() => parseRle(text, kaggle)).reason).toContain(reason);
  });

  test('the row is named when there are several', () => {
    expect(caught(() => decodeRle(['0 1', '0 1 2'], siim)).reason).toMatch(/^row 2: .*odd/);
  });

  test('runs are checked like text', () => {
    expect(
      caught(() =>
        decodeRle(
          [
            { start: 3, length: 2 },
            { start: 4, length: 1 },
          ],
          siim,
        ),
      ).code,
    ).toBe('RLE_INVALID');
    expect(caught(() => decodeRle([{ start: 3, length: 10 }], siim)).code).toBe('RLE_INVALID');
    expect(caught(() => decodeRle([{ start: 3, length: 0 }], siim)).code).toBe('RLE_INVALID');
  });
});

test('round trip: any mask, both formats, both orders', () => {
  const masks = fc
    .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }) })
    .chain(({ width, height }) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        mask: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height }),
        relative: fc.boolean(),
        order: fc.constantFrom('column' as const, 'row' as const),
      }),
    );
  fc.assert(
    fc.property(masks, ({ mask, ...format }) => {
      const bytes = Uint8Array.from(mask);
      const text = encodeRle(bytes, format);
      expect(decodeRle([text], format)).toEqual(bytes);
      expect(encodeRle(decodeRle([text], format), format)).toBe(text);
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('any text gives runs inside the mask or RLE_INVALID', () => {
  const piece = fc.oneof(fc.integer({ min: -2, max: 14 }).map(String), fc.string({ maxLength: 4 }), fc.constant('-1'));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, relative) => {
      try {
        const runs = parseRle(pieces.join(' '), { ...siim, relative });
        for (const { start, length } of runs) expect(start >= 0 && length > 0 && start + length <= 12).toBe(true);
      } catch (error) {
        expect((error as ImagingError).code).toBe('RLE_INVALID');
      }
    }),
    { numRuns: 2000, seed: 2 },
  );
});

function caught(action: () => unknown): ImagingError {
  try {
    action();
  } catch (error) {
    if (error instanceof ImagingError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
