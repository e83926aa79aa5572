import { describe, expect, test } from 'vitest';
import { goldenImages } from './golden-files.js';
import { decodeGreyImage } from './index.js';

describe.each(['png', 'jpeg', 'dicom'] as const)('%s as Pillow and pydicom show it', (format) => {
  test.each(goldenImages(format))('$name', async ({ bytes, width, height, expected, tolerance }) => {
    const image = await decodeGreyImage(bytes);
    expect([image.width, image.height, image.format]).toEqual([width, height, format]);
    let worst = 0;
    image.data.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - expected[i]!))));
    expect(worst).toBeLessThanOrEqual(tolerance);
    expect(image.data).toHaveLength(expected.length);
  });
});
