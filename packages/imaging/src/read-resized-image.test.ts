import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImagingError } from './errors.js';
import {
  createRandom,
  createUid,
  encodePngGrey,
  readGreyImage,
  readResizedImage,
  resizeArea,
  writeDicom,
} from './index.js';
import { decodeJpegQuarter } from './jpeg/decode-jpeg-quarter.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-resized-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Shades, an edge and grain, 0 and 255 included. */
function film(width: number, height: number, seed: number): Uint8Array {
  const random = createRandom(seed, 'film');
  return Uint8ClampedArray.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const shade = x > 0.8 * width ? 300 : 120 + 130 * Math.sin(x / 17 + seed) * Math.cos(y / 23);
    return shade + random.uniform(-8, 8);
  }) as unknown as Uint8Array;
}

const jpeg = async (width: number, height: number, seed: number, options: object = {}): Promise<Uint8Array> =>
  new Uint8Array(
    await sharp(film(width, height, seed), { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .jpeg({ quality: 90, ...options })
      .toBuffer(),
  );

/** Mean and largest difference from decoding in full and averaging. */
async function compare(path: string, width: number, height: number): Promise<{ mean: number; most: number }> {
  const full = await readGreyImage(path);
  const wanted = resizeArea(full, width, height).data;
  const got = await readResizedImage(path, { width, height });
  expect(got).toMatchObject({ width: full.width, height: full.height });
  const differences = Array.from(wanted, (value, i) => Math.abs(value - got.data[i]!));
  return { mean: differences.reduce((a, b) => a + b) / differences.length, most: Math.max(...differences) };
}

test.each([
  [64, 64, 16, 16],
  [200, 120, 50, 30], // blocks that stand over the right edge
  [60, 92, 15, 23], // half a block at both edges
  [512, 256, 64, 16], // a quarter, then averaged further
])('JPEG of %i x %i to %i x %i: what decoding and averaging give, but for rounding', async (width, height, w, h) => {
  for (const quality of [50, 90, 100]) {
    const path = join(folder, 'film.jpg');
    const bytes = await jpeg(width, height, quality, { quality });
    expect(decodeJpegQuarter(bytes)).toMatchObject({ width: width / 4, height: height / 4 });
    await writeFile(path, bytes);
    const { mean, most } = await compare(path, w, h);
    expect(mean).toBeLessThan(0.35);
    expect(most).toBeLessThanOrEqual(5); // where white is cut off inside of a block
  }
});

test('damaged scans are refused by every way of reading, sound ones of any kind are not', async () => {
  const path = join(folder, 'damaged.jpg');
  const bytes = await jpeg(240, 250, 1);
  const start = Buffer.from(bytes).indexOf(Buffer.of(0xff, 0xda)) + 20;
  for (const from of [start, start + 900, start + 2500]) {
    const damaged = bytes.slice();
    damaged.fill(0, from, from + 512);
    await writeFile(path, damaged);
    await expect(readGreyImage(path), `zeros from ${from}`).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
    await expect(readResizedImage(path, { width: 60, height: 50 })).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
  }
  const filled = Buffer.concat([bytes.subarray(0, -2), Buffer.of(0xff, 0xff), bytes.subarray(-2)]); // T.81 B.1.1.2: fill bytes
  for (const sound of [bytes, filled, await jpeg(240, 250, 1, { progressive: true }), await jpeg(33, 1, 2)]) {
    await writeFile(path, sound);
    expect((await readGreyImage(path)).data.length).toBeGreaterThan(30);
  }
});

test('DICOM with JPEG: samples as they are or inverted; a window is done in full', async () => {
  const [width, height] = [256, 256];
  const uids = { sopInstanceUid: createUid('a'), studyInstanceUid: createUid('b'), seriesInstanceUid: createUid('c') };
  const pixels = film(width, height, 1).map((value) => 20 + value * 0.8);
  const path = join(folder, 'film.dcm');
  const bytes = await writeDicom({ ...uids, width, height, pixels, encoding: { jpegQuality: 90 } });
  await writeFile(path, bytes);
  const plain = await compare(path, 64, 64);
  expect(plain.mean).toBeGreaterThan(0); // it came the short way
  expect(plain.mean).toBeLessThan(0.1);
  const monochrome2 = Buffer.from(bytes).indexOf('MONOCHROME2');
  const inverted = Buffer.from(bytes);
  inverted.write('MONOCHROME1', monochrome2);
  await writeFile(path, inverted);
  const { mean } = await compare(path, 64, 64);
  expect(mean).toBeLessThan(0.1);
  expect((await readResizedImage(path, { width: 60, height: 64 })).data).toHaveLength(60 * 64);
  expect(await compare(path, 128, 128)).toEqual({ mean: 0, most: 0 });
});

test.each([
  ['progressive', { progressive: true }],
  ['of another size', { quality: 80 }, 66],
])('%s JPEG goes the long way', async (_, options, side = 64) => {
  const bytes = await jpeg(side, 64, 1, options);
  const path = join(folder, 'long.jpg');
  await writeFile(path, bytes);
  expect(await compare(path, 16, 16)).toEqual({ mean: 0, most: 0 });
});

test('PNG: what is returned is its own, whatever is read after it', async () => {
  const paths = [1, 2].map((seed) => join(folder, `own-${seed}.png`));
  for (const [i, path] of paths.entries()) await writeFile(path, await encodePngGrey(film(64, 32, i), 64, 32));
  for (const [width, height] of [
    [64, 32],
    [16, 8],
    [30, 20],
  ] as const) {
    const [first, second] = await Promise.all(paths.map((path) => readResizedImage(path, { width, height })));
    const wanted = await Promise.all(paths.map(async (path) => resizeArea(await readGreyImage(path), width, height)));
    expect([first, second]).toEqual(wanted.map(({ data }) => ({ data, width: 64, height: 32 })));
  }
});

test('a worker reads at once, and gives the same for many images asked for together', async () => {
  const paths: string[] = [];
  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    paths.push(join(folder, name));
    await writeFile(paths.at(-1)!, bytes);
  };
  for (const seed of [5, 6]) {
    await write(`worker-${seed}.png`, await encodePngGrey(film(64, 32, seed), 64, 32));
    await write(`worker-${seed}.jpg`, await jpeg(64, 64, seed));
    await write(`worker-${seed}-long.jpg`, await jpeg(64, 64, seed, { progressive: true }));
  }
  const target = { width: 16, height: 16 };
  const [loader, library] = [import.meta.resolve('tsx/esm/api'), new URL('index.ts', import.meta.url).href];
  const script = `
    import { parentPort } from 'node:worker_threads';
    import { register } from ${JSON.stringify(loader)};
    register();
    const { readResizedImage } = await import(${JSON.stringify(library)});
    const read = (path) => readResizedImage(path, ${JSON.stringify(target)}).catch(({ code, path }) => ({ code, path }));
    parentPort.postMessage(await Promise.all(${JSON.stringify([...paths, folder, join(folder, 'none.png')])}.map(read)));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
    execArgv: ['--conditions=@multichexnet/source'],
  });
  const [images] = (await once(worker, 'message')) as [unknown[]];
  await worker.terminate();
  expect(images.slice(0, -2)).toEqual(await Promise.all(paths.map((path) => readResizedImage(path, target))));
  expect(images.slice(-2)).toEqual([
    { code: 'FILE_UNREADABLE', path: folder },
    { code: 'FILE_UNREADABLE', path: join(folder, 'none.png') },
  ]);
});

test('an orientation is kept to', async () => {
  const path = join(folder, 'turned.jpg');
  const turned = await sharp(await jpeg(64, 128, 1))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  await writeFile(path, turned);
  expect(await compare(path, 32, 16)).toEqual({ mean: 0, most: 0 });
});

test('damage that the full decoder refuses is refused, whatever the way', async () => {
  const bytes = await jpeg(64, 64, 3);
  const path = join(folder, 'hurt.jpg');
  const outcome = async (read: () => Promise<unknown>): Promise<string> =>
    read().then(
      () => 'read',
      (error: unknown) => (error instanceof ImagingError ? error.code : String(error)),
    );
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), fc.option(fc.nat(bytes.length)), async (bit, cut) => {
      const hurt = bytes.slice(0, cut ?? bytes.length);
      if (bit >> 3 < hurt.length) hurt[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, hurt);
      const full = await outcome(() => readGreyImage(path));
      if (full !== 'read') expect(await outcome(() => readResizedImage(path, { width: 16, height: 16 }))).toBe(full);
    }),
    { numRuns: 400, seed: 1 },
  );
});

test('errors name the file; limits hold; a target must be a size', async () => {
  const path = join(folder, 'none.jpg');
  await expect(readResizedImage(path, { width: 4, height: 4 })).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    path,
  });
  const film = join(folder, 'film.jpg');
  await writeFile(film, await jpeg(64, 64, 1));
  const small = { limits: { pixels: 1000 } };
  await expect(readResizedImage(film, { width: 16, height: 16 }, small)).rejects.toMatchObject({ code: 'IMAGE_LIMIT' });
  await expect(readResizedImage(film, { width: 0, height: 16 })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  expect((await readFile(film)).length).toBeGreaterThan(0);
});
