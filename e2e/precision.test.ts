import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { dataOf, json, temporary } from './command.ts';

/** One network, trained twice from the same weights on the same batches. */
const protocol = `
name: precision
resamples: 500
datasets: { siim: { kind: siim } }
model:
  encoder: { kind: densenet, depth: small, size: 64 }
  heads: { cls: { kind: cls, hidden: 16 } }
defaults:
  steps: 80
  batchSize: 8
  checkpointEvery: 0
  learningRate: { base: 0.003, kind: cosine, warmup: 5 }
phases:
  float32: { train: [encoder, cls], on: siim }
  bfloat16: { like: float32, precision: bfloat16 }
tables:
  all:
    title: Precision
    columns: { AUROC: cls.auroc }
    rows:
      - { label: float32, phase: float32, on: { cls: siim } }
      - { label: bfloat16, phase: bfloat16, on: { cls: siim } }
`;

interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
interface RunDocument {
  readonly tables: readonly [{ readonly rows: readonly { label: string; cells: { AUROC: Measured } }[] }];
  readonly phases: readonly { readonly losses: Readonly<Record<string, { first: number; last: number }>> }[];
}

test('bfloat16 trains to the same metric as float32, each within the interval of the other', async () => {
  const folder = await temporary();
  const file = join(folder, 'precision.yaml');
  await writeFile(file, protocol);
  const data = dataOf(inject('phantom'), ['siim']);
  const { code, stdout, document } = await json<RunDocument>([
    ...['protocol', 'run', file, ...data, '--out', join(folder, 'run')],
  ]);
  expect(code, stdout).toBe(0);
  const [exact, rounded] = document.tables[0].rows.map(({ cells }) => cells.AUROC) as [Measured, Measured];
  expect(exact.value).toBeGreaterThan(0.6);
  expect(rounded.value).not.toBe(exact.value);
  expect(rounded.value).toBeGreaterThanOrEqual(exact.low);
  expect(rounded.value).toBeLessThanOrEqual(exact.high);
  expect(exact.value).toBeGreaterThanOrEqual(rounded.low);
  expect(exact.value).toBeLessThanOrEqual(rounded.high);
  // Both learn, and not the same numbers.
  const losses = document.phases.map((phase) => phase.losses['cls@siim'] as { first: number; last: number });
  for (const { first, last } of losses) expect(last).toBeLessThan(first);
});
