import { describe, expect, test } from 'vitest';
import { goldenPixels } from '../golden-files.js';
import { decodeGreyImage, readDicomPixels } from '../index.js';
import { encodeElements, type ElementToWrite } from './encode-elements.js';

describe('compressed and rarer pixels as pydicom reads them', () => {
  test.each(goldenPixels())('$name', async ({ bytes, shape, stored, display }) => {
    const pixels = await readDicomPixels(bytes, 'stored');
    const { width, height, samples, range } = pixels;
    expect(samples === 1 ? [height, width] : [height, width, samples]).toEqual(shape);
    expect([...pixels.data]).toEqual([...stored]);
    expect(pixels.data.every((value) => value >= range[0] && value <= range[1])).toBe(true);
    if (display === undefined) return;
    const shown = await decodeGreyImage(bytes);
    expect(shown.data).toEqual((await readDicomPixels(bytes, 'display')).data);
    shown.data.forEach((value, i) => expect(Math.abs(value - display[i]!)).toBeLessThanOrEqual(1));
  });
});

test('a JPEG 2000 stream that is cut, in a file that is whole, is refused', async () => {
  const bytes = Buffer.from(goldenPixels().find(({ name }) => name === 'JPEG 2000, 12 bits')!.bytes);
  const item = bytes.lastIndexOf(Buffer.from('feff00e0', 'hex'));
  const half = Math.floor(bytes.readUInt32LE(item + 4) / 4) * 2;
  bytes.writeUInt32LE(half, item + 4);
  const cut = Buffer.concat([bytes.subarray(0, item + 8 + half), Buffer.from('feffdde000000000', 'hex')]);
  await expect(readDicomPixels(cut, 'stored')).rejects.toMatchObject({ code: 'CODEC_FAILED' });
});

test('a frame of 9999 x 9999 pixels from two kilobytes is refused before any codec sees it', async () => {
  for (const name of ['JPEG 2000, 12 bits', 'HTJ2K, 12 bits', 'JPEG-LS, 12 bits', 'Lossless, predictor 1, 12 bits']) {
    const bytes = Buffer.from(goldenPixels().find((golden) => golden.name === name)!.bytes);
    for (const tag of ['28001000', '28001100'])
      bytes.writeUInt16LE(9999, bytes.indexOf(Buffer.from(`${tag}55530200`, 'hex')) + 8);
    const before = process.memoryUsage().rss;
    await expect(readDicomPixels(bytes, 'stored'), name).rejects.toMatchObject({ code: 'DICOM_INFLATE_LIMIT' });
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
    await expect(readDicomPixels(bytes, 'stored', { inflateRatio: 1e6 })).rejects.toMatchObject({
      code: 'CODEC_SIZE_MISMATCH',
    });
  }
});

const word = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);

/** An explicit little endian file of `columns` pixels in one row. */
function file(pixels: Uint8Array, columns: number, elements: readonly ElementToWrite[]): Uint8Array {
  const all = new Map<number, ElementToWrite>();
  const defaults: ElementToWrite[] = [
    [0x00280002, 'US', 1],
    [0x00280004, 'CS', 'MONOCHROME2'],
    [0x00280010, 'US', 1],
    [0x00280011, 'US', columns],
    [0x00280100, 'US', 8],
    [0x00280101, 'US', 8],
    [0x00280102, 'US', 7],
    [0x00280103, 'US', 0],
  ];
  for (const element of [...defaults, ...elements]) all.set(element[0], element);
  const body = [...all.values()].sort(([a], [b]) => a - b);
  return Buffer.concat([
    new Uint8Array(128),
    Buffer.from('DICM'),
    encodeElements([[0x00020010, 'UI', '1.2.840.10008.1.2.1'], ...body, [0x7fe00010, 'OB', pixels]]),
  ]);
}

const signed16: ElementToWrite[] = [
  [0x00280100, 'US', 16],
  [0x00280101, 'US', 16],
  [0x00280102, 'US', 15],
  [0x00280103, 'US', 1],
];

describe('padding is black', () => {
  const pixels = Uint8Array.of(0, 10, 100, 200, 250, 255);
  const shown = async (...elements: ElementToWrite[]) => [...(await decodeGreyImage(file(pixels, 6, elements))).data];

  test('one value, a range in either order, and under MONOCHROME1', async () => {
    expect(await shown([0x00280120, 'US', 255])).toEqual([0, 10, 100, 200, 250, 0]);
    expect(await shown([0x00280120, 'US', 255], [0x00280121, 'US', 200])).toEqual([0, 10, 100, 0, 0, 0]);
    expect(await shown([0x00280120, 'US', 0], [0x00280121, 'US', 10])).toEqual([0, 0, 100, 200, 250, 255]);
    expect(await shown([0x00280004, 'CS', 'MONOCHROME1'], [0x00280120, 'US', 0])).toEqual([0, 245, 155, 55, 5, 0]);
  });

  test('a negative value of signed pixels; stored values keep it', async () => {
    const bytes = file(word(63_536, 0, 32_767), 3, [...signed16, [0x00280120, 'US', 63_536]]); // -2000
    expect([...(await decodeGreyImage(bytes)).data]).toEqual([0, 128, 255]);
    const { data, tags, range } = await readDicomPixels(bytes, 'stored');
    expect([...data]).toEqual([-2000, 0, 32_767]);
    expect(tags.padding).toEqual([-2000, -2000]);
    expect(range).toEqual([-32_768, 32_767]);
  });
});

test('a palette is looked up, and grey is the luma of its colours', async () => {
  const palette = (descriptor: number, data: number, entries: number[]): ElementToWrite[] => [
    [descriptor, 'OB', word(3, 10, 16)],
    [data, 'OB', word(...entries)],
  ];
  const elements: ElementToWrite[] = [
    [0x00280004, 'CS', 'PALETTE COLOR'],
    ...palette(0x00281101, 0x00281201, [0, 65_535, 65_535]),
    ...palette(0x00281102, 0x00281202, [0, 0, 65_535]),
    ...palette(0x00281103, 0x00281203, [0, 0, 65_535]),
  ];
  const { data } = await decodeGreyImage(file(Uint8Array.of(9, 10, 11, 12, 200, 0), 6, elements));
  expect([...data]).toEqual([0, 0, 76, 255, 255, 0]); // 0.299 * 255 = 76
});

test('stages of rescaled signed pixels', async () => {
  const elements: ElementToWrite[] = [
    ...signed16,
    [0x00281050, 'DS', '0'],
    [0x00281051, 'DS', '201'],
    [0x00281052, 'DS', '-10'],
    [0x00281053, 'DS', '0.5'],
  ];
  const bytes = file(word(65_336, 20, 220), 3, elements); // -200, 20, 220
  const at = async (stage: 'stored' | 'modality' | 'display') => [...(await readDicomPixels(bytes, stage)).data];
  expect(await at('stored')).toEqual([-200, 20, 220]);
  expect(await at('modality')).toEqual([-110, 0, 100]);
  expect(await at('display')).toEqual([0, 128, 255]);
  expect((await readDicomPixels(bytes, 'modality')).tags).toEqual({
    modality: { slope: 0.5, intercept: -10 },
    voi: { center: 0, width: 201, shape: 'LINEAR' },
    padding: null,
  });
});

test('YBR_FULL_422 without compression: two pixels share their chroma', async () => {
  const elements: ElementToWrite[] = [
    [0x00280002, 'US', 3],
    [0x00280004, 'CS', 'YBR_FULL_422'],
    [0x00280006, 'US', 0],
  ];
  const bytes = file(Uint8Array.of(10, 20, 128, 129, 30, 40, 130, 131), 4, elements);
  expect([...(await readDicomPixels(bytes, 'stored')).data]).toEqual([
    10, 128, 129, 20, 128, 129, 30, 130, 131, 40, 130, 131,
  ]);
  expect([...(await decodeGreyImage(bytes)).data]).toEqual([10, 20, 30, 40]);
});
