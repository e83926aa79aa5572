import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ImagingError, readGreyImage } from './index.js';

const root = process.env['MULTICHEXNET_DATA'] ?? join(import.meta.dirname, '../../../../shared/data/dev');
const edge = join(root, 'edge');
const present = existsSync(join(edge, 'expected.csv'));

interface Expected {
  readonly file: string;
  readonly expected: 'ok' | 'refuse' | 'either';
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly mean: number | undefined;
}

/** The rows of expected.csv about images; its quoted field has commas. */
function expectedImages(): Expected[] {
  const lines = readFileSync(join(edge, 'expected.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  return lines
    .map((line) => [...line.matchAll(/("[^"]*"|[^,]*)(?:,|$)/g)].map((match) => match[1]!))
    .filter(([file]) => /^(dicom|png|jpeg)\//.test(file!))
    .map(([file, , expected, , , width, height, mean]) => ({
      file: file!,
      expected: expected as Expected['expected'],
      width: width ? Number(width) : undefined,
      height: height ? Number(height) : undefined,
      mean: mean ? Number(mean) : undefined,
    }));
}

describe('odd and hostile files', () => {
  beforeAll(() => {
    if (!present) process.stdout.write('skipped: real data not found\n');
  });

  test.skipIf(!present)('the table lists the images', () => {
    expect(expectedImages().length).toBeGreaterThanOrEqual(45);
  });

  test.skipIf(!present).each(present ? expectedImages() : [])(
    '$file: $expected',
    async ({ file, expected, width, height, mean }) => {
      const before = process.memoryUsage().rss;
      const outcome = await readGreyImage(join(edge, file), { chestRadiographOnly: true }).catch(
        (error: unknown) => error,
      );
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
      if (outcome instanceof ImagingError) {
        expect(expected, outcome.message).not.toBe('ok');
        expect(outcome.path).toBe(join(edge, file));
        expect(outcome.message).toContain(file);
        return;
      }
      if (outcome instanceof Error) throw outcome;
      const image = outcome as Awaited<ReturnType<typeof readGreyImage>>;
      expect(expected).not.toBe('refuse');
      if (width !== undefined) expect(image.width).toBe(width);
      if (height !== undefined) expect(image.height).toBe(height);
      expect(image.data).toHaveLength(image.width * image.height);
      if (mean !== undefined) {
        const total = image.data.reduce((sum, value) => sum + value, 0);
        expect(Math.abs(total / image.data.length - mean)).toBeLessThan(1);
      }
    },
  );
});
