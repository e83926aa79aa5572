import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUid, encodePngGrey, encodeRle, writeDicom } from '@multichexnet/imaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createImageServices } from './image-services.js';
import { ImageSource } from './image-source.js';
import { decodeMask, prepareImage } from './prepare-image.js';
import { toOriginal } from '../plugin/image-geometry.js';
import { stretchTo } from './preprocessing.js';
import { geometryOf } from './prepared-image.js';
import type { Labels, SplitSample } from './sample.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-source-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A bright rectangle on black. */
function rectangle(width: number, height: number, [x, y, w, h]: readonly [number, number, number, number]): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    return column >= x && column < x + w && row >= y && row < y + h ? 200 : 0;
  });
}

async function sample(
  id: string,
  pixels: Uint8Array,
  width: number,
  height: number,
  labels: Labels,
): Promise<SplitSample> {
  const image = join(folder, `${id}.png`);
  await writeFile(image, await encodePngGrey(pixels, width, height));
  return { dataset: 'siim', id, image, patient: { key: id }, split: 'train', labels };
}

const maskOf = (pixels: Uint8Array, width: number, height: number): NonNullable<Labels['mask']> => ({
  width,
  height,
  rle: [encodeRle(pixels, { width, height, relative: true, order: 'column' })],
});

test('a DICOM file that is no chest radiograph is refused by its tags, whatever the adapter let through', async () => {
  const path = join(folder, 'hand.dcm');
  const uid = createUid('hand');
  const uids = { sopInstanceUid: uid, studyInstanceUid: uid, seriesInstanceUid: uid };
  await writeFile(
    path,
    await writeDicom({ ...uids, bodyPartExamined: 'HAND', width: 16, height: 16, pixels: new Uint8Array(256) }),
  );
  const hand = { ...(await sample('hand', new Uint8Array(256), 16, 16, { findings: {} })), image: path };
  await expect(prepareImage(hand, stretchTo(4))).rejects.toMatchObject({ code: 'DICOM_NOT_A_RADIOGRAPH', path });
});

test('the whole image is stretched to the input, and boxes and mask with it', async () => {
  const pixels = rectangle(16, 8, [4, 2, 8, 4]);
  const prepared = await prepareImage(
    await sample('a', pixels, 16, 8, {
      findings: {},
      boxes: [{ x: 4, y: 2, width: 8, height: 4 }],
      mask: maskOf(pixels, 16, 8),
    }),
    stretchTo(4),
  );
  // 4 x 2 source pixels make one
  const wanted = [0, 0, 0, 0, 0, 200, 200, 0, 0, 200, 200, 0, 0, 0, 0, 0];
  expect([...prepared.pixels]).toEqual(wanted);
  expect([...prepared.mask!]).toEqual(wanted.map((value) => (value === 0 ? 0 : 1)));
  expect(prepared.boxes).toEqual([{ x: 1, y: 1, width: 2, height: 2 }]);
  expect(prepared).toMatchObject({ size: 4, width: 16, height: 8 });
});

test('burned-in borders are cut off, boxes and mask with them, and boxes find back to the film', async () => {
  // 24 x 12: white bars of 3 columns left and 5 right, black ones of 2 rows at the top and the bottom around a film of 16 x 8
  const film = rectangle(16, 8, [4, 2, 8, 4]);
  const place = { x: 3, y: 2, width: 16, height: 8 };
  const pixels = Uint8Array.from({ length: 24 * 12 }, (_, i) => {
    const [x, y] = [(i % 24) - place.x, Math.floor(i / 24) - place.y];
    if (y < 0 || y >= 8) return 0;
    return x < 0 || x >= 16 ? 255 : film[y * 16 + x]! + 40;
  });
  const truth = { x: 7, y: 4, width: 8, height: 4 };
  const labels = {
    findings: {},
    boxes: [truth, { x: 0, y: 0, width: 3, height: 12 }, { x: 0, y: 2, width: 7, height: 4 }],
    mask: maskOf(rectangle(24, 12, [7, 4, 8, 4]), 24, 12),
  };
  const bordered = await sample('bordered', pixels, 24, 12, labels);
  const prepared = await prepareImage(bordered, stretchTo(4, { crop: 'borders' }));
  expect(prepared).toMatchObject({ size: 4, width: 24, height: 12, shown: place });
  const wanted = [0, 0, 0, 0, 0, 200, 200, 0, 0, 200, 200, 0, 0, 0, 0, 0];
  expect([...prepared.pixels]).toEqual(wanted.map((value) => value + 40));
  expect([...prepared.mask!]).toEqual(wanted.map((value) => (value === 0 ? 0 : 1)));
  expect(prepared.boxes).toEqual([
    { x: 1, y: 1, width: 2, height: 2 },
    { x: 0, y: 0, width: 1, height: 2 }, // what the film shows of it; the second lies in the border
  ]);
  expect(toOriginal(prepared.boxes![0]!, geometryOf(prepared))).toEqual(truth);
  const whole = await prepareImage(bordered, stretchTo(4));
  expect('shown' in whole).toBe(false);
  expect(whole.boxes).toHaveLength(3);
});

test('an image of the input’s size is taken as it is', async () => {
  const pixels = Uint8Array.from({ length: 16 }, (_, i) => i * 16);
  const prepared = await prepareImage(await sample('same', pixels, 4, 4, { findings: {} }), stretchTo(4));
  expect([...prepared.pixels]).toEqual([...pixels]);
  expect('boxes' in prepared || 'mask' in prepared).toBe(false);
});

test('an image of the input’s width, or of its height, is still resized', async () => {
  const tall = await prepareImage(
    await sample(
      'tall',
      Uint8Array.from({ length: 32 }, (_, i) => 8 * (i >> 2)),
      4,
      8,
      { findings: {} },
    ),
    stretchTo(4),
  );
  expect([...tall.pixels]).toEqual(Array.from({ length: 16 }, (_, i) => 16 * (i >> 2) + 4));
  const wide = await prepareImage(
    await sample(
      'wide',
      Uint8Array.from({ length: 32 }, (_, i) => 8 * (i % 8)),
      8,
      4,
      { findings: {} },
    ),
    stretchTo(4),
  );
  expect([...wide.pixels]).toEqual(Array.from({ length: 16 }, (_, i) => 16 * (i % 4) + 4));
});

test('known to have none is not unknown', async () => {
  const labels = { findings: {}, boxes: [], mask: { width: 8, height: 8, rle: [] } };
  const prepared = await prepareImage(await sample('none', new Uint8Array(64), 8, 8, labels), stretchTo(4));
  expect(prepared.boxes).toEqual([]);
  expect(prepared.mask).toEqual(new Uint8Array(16));
});

test('rows of one mask are united', () => {
  const [left, right] = [rectangle(6, 4, [0, 0, 2, 2]), rectangle(6, 4, [4, 1, 2, 3])];
  const mask = { width: 6, height: 4, rle: [...maskOf(left, 6, 4).rle, ...maskOf(right, 6, 4).rle] };
  expect([...decodeMask(mask)]).toEqual([...left].map((value, i) => (value + right[i]! > 0 ? 1 : 0)));
});

test('boxes are fitted to the connected parts of a mask where a sample has no boxes', async () => {
  const parts = rectangle(16, 16, [1, 2, 3, 4]).map((value, i) => value || rectangle(16, 16, [10, 8, 5, 6])[i]!);
  parts[15] = 200; // one stray pixel
  const mask = maskOf(parts, 16, 16);
  const empty = { width: 16, height: 16, rle: [] };
  const own = [{ x: 0, y: 0, width: 1, height: 1 }];
  const samples = await Promise.all([
    sample('fit', parts, 16, 16, { findings: {}, mask }),
    sample('empty', parts, 16, 16, { findings: {}, mask: empty }),
    sample('own', parts, 16, 16, { findings: {}, mask, boxes: own }),
    sample('nothing', parts, 16, 16, { findings: {} }),
  ]);
  const source = new ImageSource(samples, { preprocessing: stretchTo(8), boxesFromMasks: { minArea: 4 } });
  const boxes = source.samples.map(({ labels }) =>
    labels.boxes?.map(({ x, y, width, height }) => [x, y, width, height]),
  );
  expect(boxes).toEqual([
    [
      [1, 2, 3, 4],
      [10, 8, 5, 6],
    ],
    [],
    [[0, 0, 1, 1]],
    undefined,
  ]);
  expect((await source.load(0)).boxes).toEqual([
    { x: 0.5, y: 1, width: 1.5, height: 2 },
    { x: 5, y: 4, width: 2.5, height: 3 },
  ]);
  expect(source.divided(() => 'test').samples[0]?.labels.boxes).toHaveLength(2);
  expect(new ImageSource(samples, { preprocessing: stretchTo(8) }).samples[0]?.labels.boxes).toBeUndefined();
});

test('divided otherwise, the same pixels are read once and carry their new part', async () => {
  const samples = await Promise.all(
    ['d0', 'd1', 'd2'].map((id) => sample(id, new Uint8Array(64).fill(9), 8, 8, { findings: {} })),
  );
  const source = new ImageSource(samples, { preprocessing: stretchTo(4) });
  const before = await source.load(1);
  expect([source.indices('train'), source.indices('test')]).toEqual([[0, 1, 2], []]);
  const divided = source.divided((_, i) => (i === 1 ? 'test' : 'validation'));
  expect([divided.indices('train'), divided.indices('test'), divided.indices('validation')]).toEqual([[], [1], [0, 2]]);
  await rm(samples[1]!.image);
  const after = await divided.load(1);
  expect(after.pixels).toBe(before.pixels);
  expect([before.sample.split, after.sample.split]).toEqual(['train', 'test']);
  expect(source.samples[1]?.split).toBe('train');
});

test('the cache keeps what it has room for, counted once an image', async () => {
  const samples = await Promise.all(
    ['c0', 'c1', 'c2'].map((id) => sample(id, new Uint8Array(64).fill(9), 8, 8, { findings: {} })),
  );
  const source = new ImageSource(samples, {
    preprocessing: stretchTo(4),
    services: createImageServices({ memoryBytes: 2 * 16 }),
  });
  const [a, b] = await Promise.all([source.load(0), source.load(0)]);
  expect(a.pixels).toEqual(b.pixels);
  await source.load(1);
  await source.load(2);
  for (const { image } of samples) await rm(image);
  await source.load(0);
  await source.load(1);
  await expect(source.load(2)).rejects.toThrow(samples[2]!.image);
});

test('an image that is not there names its file; an index that is not there is an error', async () => {
  const source = new ImageSource(
    [{ ...(await sample('gone', new Uint8Array(4), 2, 2, { findings: {} })), image: join(folder, 'no.png') }],
    { preprocessing: stretchTo(4) },
  );
  await expect(source.load(0)).rejects.toThrow(join(folder, 'no.png'));
  await expect(source.load(1)).rejects.toThrow('sample 1 of 1');
});

test('one budget of memory for all sources, whose files are left out as far as they may be', async () => {
  const samples = await Promise.all(
    ['m0', 'm1', 'm2'].map((id) => sample(id, new Uint8Array(64).fill(9), 8, 8, { findings: {} })),
  );
  const warnings: string[] = [];
  const services = createImageServices({
    memoryBytes: 2 * 16,
    maxBroken: 1,
    logger: { info: () => undefined, progress: () => undefined, warn: (text) => warnings.push(text) },
  });
  const [a, b] = [0, 1].map(() => new ImageSource(samples, { preprocessing: stretchTo(4), services }));
  await a!.load(0);
  await b!.load(1);
  await b!.load(2); // no room is left
  for (const { image } of samples) await rm(image);
  expect((await a!.loadReadable([0])).map(({ sample: { id } }) => id)).toEqual(['m0']);
  expect((await b!.loadReadable([0, 1])).map(({ sample: { id } }) => id)).toEqual(['m1']);
  await expect(b!.loadReadable([1, 2])).rejects.toThrow(samples[2]!.image);
  expect(await a!.loadReadable([])).toEqual([]);
  // The file that was left out once is not counted again.
  expect(await new ImageSource(samples, { preprocessing: stretchTo(4), services }).loadReadable([0])).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/^left out: FILE_UNREADABLE .*m0\.png.* \(1 of at most 1\)$/) as string,
  ]);
});
