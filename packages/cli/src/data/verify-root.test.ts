import { PluginRegistryToken, silentLogger } from '@multichexnet/core';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContainer } from '../create-container.js';
import { formatProblems, hasErrors } from '../output/format-problems.js';
import { createStyle } from '../output/style.js';
import { openRoots } from './open-roots.js';
import { verifyRoot, type RootReport } from './verify-root.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-verify-'));
const out = join(folder, 'phantom');
afterAll(() => rmSync(folder, { recursive: true }));
const registry = createContainer({ logger: silentLogger }).get(PluginRegistryToken);

/** Ways in which a file breaks, each of which a loader that trusts its library lets pass or dies of. */
const BREAKS: readonly ((bytes: Buffer) => Uint8Array)[] = [
  (bytes) => bytes.subarray(0, bytes.length >> 1), // half a download
  () => Buffer.alloc(0),
  () => Buffer.from('<html>404 Not Found</html>'),
  (bytes) => Buffer.concat([bytes.subarray(0, 40), Buffer.alloc(bytes.length - 40)]), // zeros on a bad disk
];

async function verify(kind: string): Promise<RootReport> {
  const { roots, mapProblems } = await openRoots(
    { folders: new Map([[kind, join(out, kind)]]), set: [], patientMap: join(out, 'patient_map.csv') },
    registry,
  );
  return verifyRoot({ root: roots[0]!, mapProblems, pixels: true, logger: silentLogger });
}

beforeAll(async () => {
  await writePhantom({ out, images: 400, size: 32 });
});

test('a tree with 1 % broken files: each is named, nothing else, and the others stay usable', async () => {
  expect((await verify('chestxray14')).problems).toEqual([]);
  const images = join(out, 'chestxray14', 'images');
  const names = readdirSync(images).sort();
  const broken = BREAKS.map((damage, i) => {
    const name = names[i * 97 + 5]!;
    writeFileSync(join(images, name), damage(readFileSync(join(images, name))));
    return name;
  });
  expect(broken.length / names.length).toBeCloseTo(0.01, 2);
  const gone = names[333]!;
  unlinkSync(join(images, gone));
  const report = await verify('chestxray14');
  const decoded = report.problems.filter(({ code }) => code !== 'DATA_MISSING_FILE');
  expect(decoded.map(({ file }) => file.replace('images/', '')).sort()).toEqual([...broken].sort());
  for (const { code, message } of decoded) {
    expect(code).toMatch(/^(IMAGE_(TYPE|CORRUPT)|FILE_UNREADABLE)$/);
    expect(message).not.toContain(folder);
  }
  const [missing, ...more] = report.problems.filter(({ code }) => code === 'DATA_MISSING_FILE');
  expect(more).toEqual([]);
  expect(missing).toMatchObject({ file: 'Data_Entry_2017_v2020.csv', line: expect.any(Number) as number });
  expect(missing?.message).toContain(gone);
  expect(report.usable.images).toBe(names.length - BREAKS.length - 1);
});

test('a PNG that holds more than its header says is odd, and usable', async () => {
  const images = join(out, 'chestxray14', 'images');
  const before = await verify('chestxray14');
  const name = readdirSync(images).find((file) => before.problems.every((problem) => !problem.file.endsWith(file)))!;
  const bytes = readFileSync(join(images, name));
  bytes.writeUInt32BE(31, 20); // its height is 32
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  writeFileSync(join(images, name), bytes);
  const after = await verify('chestxray14');
  const [odd] = after.problems.filter(({ warning }) => warning === true);
  expect(odd).toMatchObject({ code: 'IMAGE_SURPLUS_DATA', file: `images/${name}` });
  expect(after.problems).toHaveLength(before.problems.length + 1);
  expect(after.usable).toEqual(before.usable);
  expect([hasErrors(after.problems), hasErrors([odd!])]).toEqual([true, false]);
  const style = { ...createStyle({}, {}) };
  expect(formatProblems([odd!], style)[0]).toBe(`warning IMAGE_SURPLUS_DATA  images/${name}`);
});

test('broken DICOM files are named by their headers or by their pixels', async () => {
  const images = join(out, 'rsna', 'stage_2_train_images');
  const names = readdirSync(images).sort();
  const broken = BREAKS.map((damage, i) => {
    const name = names[i * 60 + 3]!;
    writeFileSync(join(images, name), damage(readFileSync(join(images, name))));
    return name;
  });
  const { problems, usable } = await verify('rsna');
  expect(problems.map(({ file }) => file.replace('stage_2_train_images/', '')).sort()).toEqual([...broken].sort());
  expect(usable.images).toBe(names.length - BREAKS.length);
});
