import { expect, test } from 'vitest';
import type { AnyHead } from '../plugin/head-plugin.js';
import { encodeBatch, type EncodingHead } from './batch.js';
import type { PreparedImage } from './prepared-image.js';

function image(findings: Record<string, boolean>, more: Partial<PreparedImage> = {}): PreparedImage {
  return {
    sample: {
      dataset: 'rsna',
      id: 'i',
      image: '/i.png',
      patient: { key: 'p' },
      split: 'train',
      labels: { findings },
    },
    pixels: Uint8Array.of(0, 51, 102, 255),
    size: 2,
    width: 4,
    height: 6,
    ...more,
  };
}

/** Says of A and B what is known, and draws the mask where there is one. */
function head(more: Partial<AnyHead> = {}, targetShapes: readonly (readonly number[])[] = [[2]]): EncodingHead {
  const plugin = {
    kind: 'two',
    label: ({ labels }: { labels: { findings: Record<string, boolean> } }) =>
      Object.keys(labels.findings).length === 0 ? undefined : labels.findings,
  };
  const created = {
    knownSize: 2,
    known: (label: Record<string, boolean>) => ['A', 'B'].map((name) => (label[name] === undefined ? 0 : 1)),
    encode: (label: Record<string, boolean>) => [Float32Array.of(Number(label['A'] ?? 0), Number(label['B'] ?? 0))],
    ...more,
  };
  return { plugin, options: {}, head: created, targetShapes } as unknown as EncodingHead;
}

test('pixels are 0..1, image after image', () => {
  const batch = encodeBatch([image({}), image({}, { pixels: Uint8Array.of(255, 0, 0, 255) })], {});
  expect(batch.size).toBe(2);
  expect(batch.imageShape).toEqual([2, 2, 2, 1]);
  expect([...batch.images]).toEqual([0, 0.2, 0.4, 1, 1, 0, 0, 1].map(Math.fround));
  expect(batch.heads).toEqual({});
});

test('an unknown label leaves zeros and says so, class by class', () => {
  const images = [image({ A: true }), image({}), image({ A: false, B: true })];
  const { cls } = encodeBatch(images, { cls: head() }).heads;
  expect(cls?.known).toEqual({ shape: [3, 2], data: Float32Array.of(1, 0, 0, 0, 1, 1) });
  expect(cls?.targets).toEqual([{ shape: [3, 2], data: Float32Array.of(1, 0, 0, 0, 0, 1) }]);
});

test('without `known` a label is known as a whole; numbers stand for shape [1], several targets are kept apart', () => {
  const whole = head(
    { knownSize: undefined as never, known: undefined as never, encode: () => [7, Float32Array.of(1, 2)] },
    [[1], [1, 2]],
  );
  const { age } = encodeBatch([image({}), image({ A: true })], { age: whole }).heads;
  expect(age?.known).toEqual({ shape: [2, 1], data: Float32Array.of(0, 1) });
  expect(age?.targets).toEqual([
    { shape: [2, 1], data: Float32Array.of(0, 7) },
    { shape: [2, 1, 2], data: Float32Array.of(0, 0, 1, 2) },
  ]);
});

test('a head sees boxes and mask in input coordinates, absent where unknown', () => {
  const seen: unknown[] = [];
  const spy = head();
  const watching = {
    ...spy,
    plugin: { ...spy.plugin, label: (sample: { input: unknown }) => void seen.push(sample.input) },
  };
  const box = { x: 0, y: 0, width: 1, height: 2 };
  encodeBatch([image({}), image({}, { boxes: [box], mask: Uint8Array.of(1, 0, 0, 0) })], { spy: watching });
  expect(seen).toEqual([{ size: 2 }, { size: 2, boxes: [box], mask: Uint8Array.of(1, 0, 0, 0) }]);
});

const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'HEAD_INVALID', message: expect.stringContaining(message) as string });

test('a head that does not keep to its own sizes is refused by name', () => {
  const encode = (one: EncodingHead) => () => encodeBatch([image({ A: true })], { cls: one });
  expect(encode(head({ encode: () => [Float32Array.of(1)] }))).toThrow(
    invalid('head "two" encoded 1 values for target 0 of shape [2]'),
  );
  expect(encode(head({ encode: () => [] }))).toThrow(invalid('encoded 0 targets, where it has 1'));
  expect(encode(head({ encode: () => [Float32Array.of(1, 1), 1] }))).toThrow(invalid('encoded 2 targets'));
  expect(encode(head({ known: () => [1] }))).toThrow(
    invalid('of 1 classes whether they are known; its knownSize is 2'),
  );
  expect(encode(head({ known: () => [1, 1, 1] }))).toThrow(invalid('of 3 classes'));
});

test('no image, and images of several sizes, are refused', () => {
  expect(() => encodeBatch([], {})).toThrow(RangeError);
  expect(() => encodeBatch([image({}), image({}, { size: 1, pixels: Uint8Array.of(1) })], {})).toThrow(
    '2 and 1 pixels',
  );
});
