import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  resolveProtocol,
  RunStore,
  type Engine,
  type RunRequest,
  type RunResult,
  type Table,
} from '@multichexnet/core';
import { needEngine } from '@multichexnet/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeTinyData } from './tiny-data.js';
import { registry } from './tiny-plugins.js';
import { resultFiles, runTiny, stepLogger, tinyProtocol, type Words } from './tiny-run.js';

let engine: Engine;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-seeds-'));
  await writeTinyData(join(folder, 'one'), { images: 40, seed: 1 });
  await writeTinyData(join(folder, 'two'), { images: 36, seed: 2 });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async (context) => {
  engine = await needEngine(context);
});

const phases = {
  short: { train: ['encoder', 'cls'], on: 'one', steps: 2 },
  long: { train: ['encoder', 'cls'], on: 'one', steps: 6 },
};
const tables = {
  question: {
    title: 'Do more steps help?',
    columns: { A: 'cls.auroc' },
    rows: [
      { label: 'short', phase: 'short', on: { cls: 'one' } },
      { label: 'long', phase: 'long', on: { cls: 'one' }, against: 'short' },
    ],
  },
};

const run = (out: string, words: Words, request: Partial<RunRequest> = {}): Promise<RunResult> =>
  runTiny(engine, tinyProtocol(folder, phases, { tables, ...words }), out, request);
const cell = (table: Table | undefined, row: number): Table['rows'][number]['cells'][string] =>
  table!.rows[row]!.cells['A']!;

test('every seed is a run of its own on the same test images; the tables are means with their spread', async () => {
  const out = join(folder, 'run');
  const result = await run(out, { seeds: [5, 9, 11] });
  expect((await readdir(out)).sort()).toEqual(['config.json', 'result.json', 'seed-11', 'seed-5', 'seed-9', 'tables']);
  expect(result.seeds).toEqual([5, 9, 11]);
  expect(result.phases.map(({ name, seed }) => `${name} ${seed}`)).toEqual([
    ...['short 5', 'long 5', 'short 9', 'long 9', 'short 11', 'long 11'],
  ]);
  const [table] = result.tables;
  expect(table?.seeds).toBe(3);
  const each = await Promise.all(
    [5, 9, 11].map((seed) => new RunStore(join(out, `seed-${seed}`)).readJson<Table>('tables', 'question.json')),
  );
  for (const row of [0, 1]) {
    const values = each.map((one) => cell(one, row).value!);
    const { value, low, high, patients } = cell(table, row);
    expect(value).toBeCloseTo(values.reduce((a, b) => a + b) / 3, 12);
    expect(low!).toBeLessThanOrEqual(value!);
    expect(high!).toBeGreaterThanOrEqual(value!);
    expect(patients).toBe(cell(each[0], row).patients);
  }
  expect(cell(table, 1).paired?.difference).toBeCloseTo(cell(table, 1).value! - cell(table, 0).value!, 12);
  // other seeds, other networks
  expect(new Set(each.map((one) => JSON.stringify(cell(one, 0)))).size).toBeGreaterThan(1);
});

test('interrupted in its second seed and gone on with, it comes to the same files', async () => {
  const whole = join(folder, 'whole');
  await run(whole, { seeds: [5, 9] });
  const out = join(folder, 'interrupted');
  const controller = new AbortController();
  let steps = 0;
  const logger = stepLogger(() => {
    if (++steps === 2 + 6 + 2 + 3) controller.abort();
  });
  await expect(run(out, { seeds: [5, 9] }, { logger, signal: controller.signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
  const seen: string[] = [];
  await run(
    out,
    { seeds: [5, 9] },
    { resume: true, logger: stepLogger((phase, done) => seen.push(`${phase} ${done}`)) },
  );
  expect(seen).toEqual(['long 4', 'long 5', 'long 6']);
  const [a, b] = [await resultFiles(whole), await resultFiles(out)];
  const differing = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => a[name] !== b[name] && !/\/checkpoint-|(run|result)\.json$|log\.jsonl$/.test(name),
  );
  expect(differing).toEqual([]);
  await expect(run(out, { seeds: [5, 8] }, { resume: true })).rejects.toMatchObject({ code: 'RESUME_CHANGED' });
});

test('one seed twice, or one alone, is refused', () => {
  for (const seeds of [[1], [1, 1]])
    expect(
      resolveProtocol(tinyProtocol(folder, phases, { seeds }), registry).problems.map(({ place }) => place.path),
    ).toEqual(['seeds']);
});
