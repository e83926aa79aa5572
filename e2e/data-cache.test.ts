import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { json, multichexnet, temporary } from './command.ts';

interface Report {
  readonly images: number;
  readonly preprocessing: object;
  readonly outcomes: Readonly<Record<'hit' | 'stored' | 'full' | 'failed', number>>;
  readonly problems: readonly { code: string; file: string }[];
}

const rsna = join(inject('phantom'), 'rsna');
let folder: string;
beforeAll(async () => {
  folder = await temporary();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fill = (root: string, out: string, ...more: string[]): ReturnType<typeof json<Report>> =>
  json<Report>(['data', 'cache', 'rsna', root, '--out', join(folder, out), '--size', '32', ...more]);

test('a second run finds everything there', async () => {
  const first = await fill(rsna, 'a', '--workers', '2');
  expect(first.code).toBe(0);
  const { images } = first.document;
  expect(first.document).toMatchObject({
    preprocessing: { kind: 'stretch', version: 1, size: 32 },
    outcomes: { hit: 0, stored: images, full: 0, failed: 0 },
    problems: [],
  });
  const second = await fill(rsna, 'a', '--workers', '0');
  expect(second.document.outcomes).toEqual({ hit: images, stored: 0, full: 0, failed: 0 });
});

test('it keeps to its limit and says so', async () => {
  const { code, document, stderr } = await fill(rsna, 'b', '--limit', '20 kB');
  expect(code).toBe(0);
  expect(document.outcomes.stored).toBe(Math.floor(20_000 / (32 * 32 + 128)));
  expect(document.outcomes.full).toBe(document.images - document.outcomes.stored);
  expect(stderr).toContain('20000 bytes');
  const { code: usage, stderr: why } = await multichexnet([
    ...['data', 'cache', 'rsna', rsna, '--out', join(folder, 'c'), '--limit', '20'],
  ]);
  expect(usage).toBe(2);
  expect(why).toContain('CONFIG_BYTE_SIZE');
});

test('two at once, one of them interrupted and continued', async () => {
  let stopped = false;
  const [first, second] = await Promise.all([
    fill(rsna, 'd', '--workers', '1'),
    multichexnet(['data', 'cache', 'rsna', rsna, '--out', join(folder, 'd'), '--size', '32', '--workers', '1'], {
      onStart: (child) =>
        child.stderr?.on('data', (chunk: Buffer) => {
          if (stopped || !chunk.toString().includes('images')) return;
          stopped = true;
          child.kill('SIGINT');
        }),
    }),
  ]);
  expect(first.code).toBe(0);
  // The signal may come after the last image.
  expect([0, 130]).toContain(second.code);
  if (second.code === 130) expect(second.stderr).toContain('the same command goes on from there');
  expect((await fill(rsna, 'd')).document.outcomes).toMatchObject({ hit: first.document.images, stored: 0 });
});

test('broken files are named, and cost only themselves', async () => {
  const root = join(folder, 'rsna');
  await mkdir(root);
  await cp(rsna, root, { recursive: true });
  const images = join(root, 'stage_2_train_images');
  const [broken] = (await readdir(images)).sort() as [string];
  const bytes = await readFile(join(images, broken));
  await writeFile(join(images, broken), bytes.subarray(0, bytes.length - 100));
  const { code, document } = await fill(root, 'e');
  expect(code).toBe(1);
  expect(document.problems).toMatchObject([{ file: join('stage_2_train_images', broken) }]);
  expect(document.outcomes.stored).toBe(document.images - 1);
});
