import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, encodePngGrey } from '@multichexnet/imaging';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readPixels } from '../prepare-image.js';
import { stretchTo } from '../preprocessing.js';
import { decodeRecord, encodeRecord, RECORD_BYTES } from './cache-record.js';
import { ImageCache, type CacheOutcome } from './image-cache.js';

let images: string;
let folder: string;
const files: string[] = [];
const p8 = stretchTo(8);

beforeAll(async () => {
  images = await mkdtemp(join(tmpdir(), 'image-cache-'));
  for (let i = 0; i < 6; i++) {
    files.push(join(images, `${i}.png`));
    writeFileSync(files[i]!, await noise(i));
  }
  await sleep(2100); // a file is known by its times from then on
});
afterAll(() => rm(images, { recursive: true }));

let serial = 0;
beforeEach(() => {
  folder = join(images, `cache-${serial++}`);
});

function noise(seed: number): Promise<Uint8Array> {
  const random = createRandom(seed, 'noise');
  return encodePngGrey(
    new Uint8Array(20 * 12).map(() => random.int(256)),
    20,
    12,
  );
}

/** Reads through a fresh cache object, as another process would; what comes must be what the file gives. */
async function readAll(paths: readonly string[] = files, bytes = 1e9, preprocessing = p8): Promise<CacheOutcome[]> {
  const cache = new ImageCache({ folder, bytes });
  try {
    const outcomes: CacheOutcome[] = [];
    for (const path of paths) {
      const { outcome, ...image } = await cache.read(path, preprocessing);
      expect(image).toEqual(await readPixels(path, preprocessing));
      outcomes.push(outcome);
    }
    return outcomes;
  } finally {
    cache.close();
  }
}

const all = (outcome: CacheOutcome, count = files.length): CacheOutcome[] => Array<CacheOutcome>(count).fill(outcome);
const inCache = (suffix: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(folder, name));

test('hit and miss give the same pixels; each preprocessing has its own', async () => {
  expect(await readAll()).toEqual(all('stored'));
  expect(await readAll()).toEqual(all('hit'));
  expect(await readAll(files, 1e9, stretchTo(6))).toEqual(all('stored'));
  expect(await readAll()).toEqual(all('hit'));
});

test('what part of the film an image shows is kept with it', async () => {
  const framed = join(images, 'framed.png');
  const pixels = Uint8Array.from({ length: 20 * 12 }, (_, i) => (i % 20 < 4 ? 0 : 40 + (i % 160)));
  writeFileSync(framed, await encodePngGrey(pixels, 20, 12));
  const cropped = stretchTo(8, { crop: 'borders' });
  expect((await readPixels(framed, cropped)).shown).toEqual({ x: 4, y: 0, width: 16, height: 12 });
  expect(await readAll([framed, ...files], 1e9, cropped)).toEqual(all('stored', files.length + 1));
  expect(await readAll([framed, ...files], 1e9, cropped)).toEqual(all('hit', files.length + 1));
  expect(await readAll([framed])).toEqual(['stored']);
});

test('the same bytes elsewhere, or with another time, are found by their content, and from then on by name', async () => {
  await readAll();
  const moved = join(images, 'moved.png');
  writeFileSync(moved, readFileSync(files[0]!));
  utimesSync(moved, new Date(0), new Date(0)); // an old time does not make it old
  expect(await readAll([moved, moved])).toEqual(['hit', 'hit']);
  const records = (): number => inCache('.index').reduce((sum, file) => sum + statSync(file).size / RECORD_BYTES, 0);
  expect(records()).toBe(files.length); // too young to get a name
  await sleep(2100);
  expect(await readAll([moved, moved, moved])).toEqual(all('hit', 3));
  expect(records()).toBe(files.length + 1);
});

test('a file that was replaced is read anew, also in the same instant with the same size and time', async () => {
  const path = join(images, 'replaced.png');
  const [a, b] = [await noise(100), await noise(101)];
  const long = Math.max(a.length, b.length);
  const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc(long - bytes.length)]);
  for (let i = 0; i < 20; i++) {
    writeFileSync(path, padded(i % 2 === 0 ? a : b));
    utimesSync(path, new Date(1e9), new Date(1e9));
    await readAll([path, path]);
  }
});

test('a flipped bit anywhere in the cache is found and mended', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(7), fc.boolean(), async (at, bit, inPixels) => {
      folder = join(images, `cache-${serial++}`);
      await readAll(files.slice(0, 3));
      const [file] = inCache(inPixels ? '.pixels' : '.index') as [string];
      const bytes = readFileSync(file);
      const place = at % bytes.length;
      bytes[place]! ^= 1 << bit;
      writeFileSync(file, bytes);
      const hurt = await readAll(files.slice(0, 3));
      expect(hurt.filter((outcome) => outcome === 'hit')).toHaveLength(2);
      expect(await readAll(files.slice(0, 3))).toEqual(all('hit', 3));
    }),
    { numRuns: 40, seed: 1 },
  );
});

test.each([0, 1, 50, 63, 64, 100])('pixels cut to %i bytes cost what is gone', async (length) => {
  await readAll();
  truncateSync(inCache('.pixels')[0]!, length);
  expect((await readAll()).filter((outcome) => outcome === 'hit')).toHaveLength(Math.floor(length / 64));
  expect(await readAll()).toEqual(all('hit'));
});

test('a torn last record, strangers in the folder and a lost shard do no harm', async () => {
  await readAll(files.slice(0, 4));
  appendFileSync(inCache('.index')[0]!, 'half a record');
  writeFileSync(join(folder, 'stretch-1-8', 'lonely.index'), Buffer.alloc(300, 7));
  writeFileSync(join(folder, 'stretch-1-8', 'notes.txt'), 'hello');
  expect(await readAll()).toEqual([...all('hit', 4), 'stored', 'stored']);
  const pixels = inCache('.pixels');
  for (const file of pixels) renameSync(file, `${file}.gone`);
  expect(await readAll()).toEqual(all('stored'));
  expect(await readAll()).toEqual(all('hit'));
});

test('records are what they were, or nothing', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat({ max: RECORD_BYTES * 8 - 1 }), (slot, width, height, bit) => {
      const hash = (byte: number): Buffer => Buffer.alloc(32, byte);
      const record = {
        shard: '0123456789abcdef',
        slot,
        width,
        height,
        content: hash(1),
        source: hash(2),
        checksum: 0xfedcba98,
      };
      const bytes = encodeRecord(record);
      expect(decodeRecord(bytes)).toEqual(record);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeRecord(bytes)).toBeUndefined();
    }),
  );
});

test('nothing is stored beyond the limit, whatever preprocessing took the room', async () => {
  const one = 64 + RECORD_BYTES;
  expect(await readAll(files, 3 * one)).toEqual([...all('stored', 3), ...all('full', 3)]);
  expect(await readAll(files, 3 * one)).toEqual([...all('hit', 3), ...all('full', 3)]);
  expect(await readAll(files, 3 * one, stretchTo(6))).toEqual(all('full'));
  const size = [...inCache('.pixels'), ...inCache('.index')].reduce((sum, file) => sum + statSync(file).size, 0);
  expect(size).toBeLessThanOrEqual(3 * one);
  expect(await readAll(files, 5 * one)).toEqual([...all('hit', 3), 'stored', 'stored', 'full']);
});

test('what cannot be read says so as without a cache, and is not remembered', async () => {
  const cache = new ImageCache({ folder, bytes: 1e9 });
  const path = join(images, 'broken.png');
  await expect(cache.read(path, p8)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', path });
  await expect(cache.read(images, p8)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', path: images });
  writeFileSync(path, readFileSync(files[0]!).subarray(0, 80));
  await expect(cache.read(path, p8)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT', path });
  writeFileSync(path, readFileSync(files[0]!));
  expect((await cache.read(path, p8)).outcome).toBe('stored');
  cache.close();
});

test('a folder that cannot be one does not stop the reading', async () => {
  writeFileSync(folder, 'a file');
  expect(await readAll()).toEqual(all('failed'));
});

test('two at once find what the other has stored', async () => {
  const [a, b] = [new ImageCache({ folder, bytes: 1e9 }), new ImageCache({ folder, bytes: 1e9 })];
  const outcomes: CacheOutcome[] = [];
  for (const [i, path] of files.entries())
    for (const cache of i % 2 === 0 ? [a, b] : [b, a]) outcomes.push((await cache.read(path, p8)).outcome);
  expect(outcomes).toEqual(files.flatMap(() => ['stored', 'hit']));
  expect(inCache('.pixels')).toHaveLength(2);
  a.close();
  b.close();
});

test('names of files are in no file of the cache', async () => {
  const path = join(images, 'ZZPATIENT.png');
  writeFileSync(path, await noise(7));
  await readAll([path]);
  await sleep(2100);
  await readAll([path]);
  for (const file of [...inCache('.pixels'), ...inCache('.index')]) {
    expect(file).not.toContain('ZZPATIENT');
    expect(readFileSync(file).includes('ZZPATIENT')).toBe(false);
  }
});

test('three processes at once, one of them killed: what is left is right, and the rest is added', async () => {
  const many = join(images, 'many');
  mkdirSync(many);
  const paths: string[] = [];
  for (let i = 0; i < 200; i++) {
    paths.push(join(many, `${i}.png`));
    writeFileSync(paths[i]!, await noise(1000 + i));
  }
  await sleep(2100);
  const script = join(images, 'build.mjs');
  writeFileSync(
    script,
    `import { ImageCache } from ${JSON.stringify(new URL('image-cache.ts', import.meta.url).href)};
    const cache = new ImageCache(${JSON.stringify({ folder, bytes: 1e9 })});
    process.stdout.write('up');
    await new Promise((go) => process.stdin.once('data', go));
    process.stdin.destroy();
    for (let i = 0; i < 200; i++) {
      await cache.read(${JSON.stringify(many)} + '/' + i + '.png', ${JSON.stringify(p8)});
      if (i === 20) process.stdout.write('on');
    }`,
  );
  const start = (): ChildProcess =>
    spawn(process.execPath, ['--import', import.meta.resolve('tsx'), '--conditions=@multichexnet/source', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  const children = [start(), start(), start()];
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map((child) => once(child.stdout!, 'data')));
  for (const child of children) child.stdin!.write('go');
  await once(children[1]!.stdout!, 'data');
  children[1]!.kill('SIGKILL');
  const codes = (await Promise.all(ended)).map(([code, signal]) => (code as number | null) ?? (signal as string));
  expect(codes).toEqual([0, 'SIGKILL', 0]);
  expect(await readAll(paths)).toEqual(all('hit', 200));
  expect(inCache('.pixels').length).toBeGreaterThan(1);
});
