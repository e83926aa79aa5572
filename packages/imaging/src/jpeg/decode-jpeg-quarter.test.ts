import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createRandom, decodeGreyImage } from '../index.js';
import { decodeJpegQuarter } from './decode-jpeg-quarter.js';
import { readJpegSegment } from './jpeg-segments.js';

const SIDE = 32;

function film(optimiseCoding: boolean): Promise<Buffer> {
  const random = createRandom(1, 'film');
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => 128 + 90 * Math.sin(i / 37) + random.int(20));
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .jpeg({ optimiseCoding })
    .toBuffer();
}

/** Offset of the first entropy-coded byte. */
function scanOf(jpeg: Uint8Array): number {
  for (let at = 2; ;) {
    const { marker, next } = readJpegSegment(jpeg, at);
    if (marker === 0xda) return next;
    at = next;
  }
}

test.each([false, true])(
  'with any byte of its header damaged, a film that the quarter decoder takes the full one takes, too (optimised: %s)',
  async (optimised) => {
    const whole = await film(optimised);
    expect(decodeJpegQuarter(whole)).toMatchObject({ width: SIDE / 4, height: SIDE / 4 });
    const refused: string[] = [];
    let taken = 0;
    for (let i = 0; i < scanOf(whole); i++) {
      const byte = whole[i]!;
      for (const other of new Set([0, 255, byte ^ 1, byte ^ 16, byte ^ 128, byte + 1])) {
        if ((other & 255) === byte) continue;
        const damaged = Uint8Array.from(whole);
        damaged[i] = other;
        if (quarterTakes(damaged)) {
          taken++;
          await decodeGreyImage(damaged).catch((error: unknown) => refused.push(`byte ${i}: ${String(error)}`));
        }
      }
    }
    expect(refused).toEqual([]);
    expect(taken).toBeGreaterThan(50); // of JFIF's own fields, and steps of quantisation
  },
);

function quarterTakes(jpeg: Uint8Array): boolean {
  try {
    return decodeJpegQuarter(jpeg) !== undefined;
  } catch {
    return false;
  }
}
