import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { hashContent, hashParts } from './fingerprint.js';
import type { Labels, Sample, SplitSample } from './sample.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-fingerprint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const COUNT = 200;
const file = (i: number, at = folder): string => join(at, `i${i}.png`);
const labelsOf = (i: number): Labels => ({ findings: { Mass: i % 2 === 0 } });
const samplesIn = (at: string, labels = labelsOf): Sample[] =>
  Array.from({ length: COUNT }, (_, i) => ({
    dataset: 'd',
    id: `i${i}`,
    image: file(i, at),
    patient: { key: `p${i % 50}` },
    labels: labels(i),
  }));
const writeAll = (at: string): void => {
  mkdirSync(at, { recursive: true });
  for (let i = 0; i < COUNT; i++) writeFileSync(file(i, at), `pixels of ${i}`);
};
beforeEach(() => writeAll(folder));
const content = (at = folder, labels = labelsOf): Promise<string> => hashContent('d', samplesIn(at, labels));

test('copies, whatever their times, and labels that are shared or not are the same data', async () => {
  const before = await content();
  const copy = join(folder, 'copy');
  writeAll(copy);
  utimesSync(file(0, copy), 1, 1);
  const [yes, no] = [labelsOf(0), labelsOf(1)];
  expect(await content(copy, (i) => (i % 2 === 0 ? yes : no))).toBe(before);
});

test('every file counts by its size, whole by its bytes where there are few', async () => {
  const before = await content();
  for (const i of [0, 77, COUNT - 1]) {
    writeFileSync(file(i), `pixels of ${i}, edited`);
    expect(await content(), `image ${i}`).not.toBe(before);
    writeAll(folder);
  }
  expect(await content()).toBe(before);
  rmSync(file(3));
  expect(await content()).not.toBe(before);
  writeAll(folder);
  // All files made anew at their sizes, as by another preprocessing of uncompressed DICOM.
  for (let i = 0; i < COUNT; i++) writeFileSync(file(i), `PIXELS of ${i}`);
  expect(await content()).not.toBe(before);

  const few = samplesIn(folder).slice(0, 10);
  const small = await hashContent('d', few);
  writeFileSync(file(4), 'pixelx of 4');
  expect(await hashContent('d', few)).not.toBe(small);
});

test('a link to a device that never ends is no file', { timeout: 20_000 }, async () => {
  const before = await content();
  rmSync(file(7));
  symlinkSync('/dev/zero', file(7));
  const few = samplesIn(folder).slice(0, 10);
  expect(await hashContent('d', few)).toMatch(/^[0-9a-f]{64}$/);
  expect(await content()).not.toBe(before);
});

test('labels, patients and kind count in the content, parts on top of it', async () => {
  const before = await content();
  expect(await content(folder, () => ({ findings: {} }))).not.toBe(before);
  expect(await hashContent('e', samplesIn(folder))).not.toBe(before);
  const moved = samplesIn(folder).map((sample, i) => (i === 5 ? { ...sample, patient: { key: 'other' } } : sample));
  expect(await hashContent('d', moved)).not.toBe(before);
  const split = (test: number): SplitSample[] =>
    samplesIn(folder).map((sample, i) => ({ ...sample, split: i < test ? 'test' : 'train' }));
  expect(hashParts(before, split(10))).toBe(hashParts(before, split(10)));
  expect(hashParts(before, split(10))).not.toBe(hashParts(before, split(11)));
});
