import { expect, test } from 'vitest';
import type { FoldRecords } from '../evaluate/measure.js';
import { PluginRegistry } from '../plugin/registry.js';
import type { PhaseEvaluations } from './evaluate-phase.js';
import type { TableConfig } from './protocol.js';
import type { ResolvedProtocol } from './resolved-phase.js';
import { computeTables } from './tables.js';

/** The mean of the records, less a threshold that validation chooses where there is one. */
const mean = {
  name: 'mean',
  better: 'higher',
  observe: () => 0,
  fit: (records: readonly number[]) => records[0] ?? 0,
  prepare: (records: readonly number[], offset: number) => records.map((value) => value - offset),
  reduce: (values: readonly number[], multiplicity: Uint16Array) => {
    const count = multiplicity.reduce((a, b) => a + b, 0);
    return count === 0 ? undefined : values.reduce((sum, value, i) => sum + value * multiplicity[i]!, 0) / count;
  },
};
const registry = new PluginRegistry({
  heads: [{ kind: 'any', apiVersion: 1, options: {}, label: () => 0, create: () => ({ metrics: [mean] }) } as never],
  encoders: [],
  datasets: [],
});

function fold(dataset: string, values: readonly number[], offset?: number): FoldRecords {
  return {
    validation: {
      samples: offset === undefined ? [] : [{ id: 'v', dataset, patient: 'v' }],
      metrics: { mean: offset === undefined ? [] : [offset] },
    },
    test: {
      samples: values.map((_, i) => ({ id: `${i}`, dataset, patient: `${dataset}${i}` })),
      metrics: { mean: values },
    },
  };
}

const protocol = (rows: TableConfig['rows']): ResolvedProtocol =>
  ({
    seed: 1,
    resamples: 200,
    phases: ['a', 'b'].map((name) => ({
      name,
      heads: { cls: { kind: 'any' }, det: { kind: 'any' } },
      gate: name === 'b' ? { det: 'own' } : {},
    })),
    tables: { t: { title: 'T', columns: { C: 'cls.mean', D: 'det.mean' }, rows } },
  }) as never;
const table = async (rows: TableConfig['rows'], evaluations: Record<string, PhaseEvaluations>) =>
  (
    await computeTables({
      protocol: protocol(rows),
      registry,
      evaluations: (phase) => Promise.resolve([evaluations[phase]!]),
    })
  )[0]!;

test('a cell for every column of a head that the row measures, with the paper’s number', async () => {
  const result = await table([{ label: 'A', phase: 'a', on: { cls: 'x' }, paper: { C: '0.5' }, remark: 'r' }], {
    a: { 'cls@x/none': [fold('x', [1, 2, 3])] },
  });
  expect(result).toMatchObject({ name: 't', title: 'T', columns: ['C', 'D'] });
  expect(result.rows[0]).toMatchObject({ label: 'A', phase: 'a', datasets: ['x'], remark: 'r' });
  expect(Object.keys(result.rows[0]!.cells)).toEqual(['C']);
  expect(result.rows[0]?.cells['C']).toMatchObject({
    metric: 'mean',
    datasets: ['x'],
    value: 2,
    images: 3,
    patients: 3,
    paper: '0.5',
  });
});

test('several datasets are one measurement, fold by fold, with their validation parts together', async () => {
  const result = await table([{ label: 'A', phase: 'a', on: { cls: ['x', 'y'] } }], {
    a: { 'cls@x/none': [fold('x', [1, 3], 1), fold('x', [5])], 'cls@y/none': [fold('y', [8], 7)] },
  });
  // first fold: (1 + 3 + 8) / 3 - 1; second: 5
  expect(result.rows[0]?.cells['C']).toMatchObject({ value: 4, images: 3, datasets: ['x', 'y'] });
  expect(result.rows[0]?.datasets).toEqual(['x', 'y']);
});

test('a gate word chooses among what was measured behind each gate; where there is none it says nothing', async () => {
  const evaluations = {
    a: { 'det@x/none': [fold('x', [9, 9])] },
    b: { 'det@x/trained': [fold('x', [1, 1])], 'det@x/oracle': [fold('x', [2, 2])], 'det@x/none': [fold('x', [3, 3])] },
  };
  const row = (label: string, phase: string, gate?: 'oracle' | 'none') => ({
    label,
    phase,
    on: { det: 'x' },
    ...(gate === undefined ? {} : { gate }),
  });
  const result = await table(
    [row('1', 'b'), row('2', 'b', 'oracle'), row('3', 'b', 'none'), row('4', 'a', 'oracle')],
    evaluations,
  );
  expect(result.rows.map(({ cells }) => cells['D']?.value)).toEqual([1, 2, 3, 9]);
  expect(result.rows.map(({ gate }) => gate)).toEqual([undefined, 'oracle', 'none', 'oracle']);
});

test('a row is paired with another on the same images, and with no other', async () => {
  const rows = [
    { label: 'A', phase: 'a', on: { cls: 'x', det: 'x' } },
    { label: 'B', phase: 'b', on: { cls: 'x', det: 'y' }, against: 'A', gate: 'none' as const },
  ];
  const result = await table(rows, {
    a: { 'cls@x/none': [fold('x', [1, 2, 4, 5])], 'det@x/none': [fold('x', [1, 2])] },
    b: { 'cls@x/none': [fold('x', [2, 3, 5, 6])], 'det@y/none': [fold('y', [1, 2])] },
  });
  expect(result.rows[1]?.cells['C']?.paired).toMatchObject({ against: 'A', difference: 1, low: 1, high: 1 });
  expect(result.rows[1]?.cells['D']?.paired).toBeUndefined();
  expect(result.rows[0]?.cells['C']?.paired).toBeUndefined();
});

test('what was not measured is empty, not a number', async () => {
  const result = await table([{ label: 'A', phase: 'a', on: { cls: 'x' } }], { a: {} });
  expect(result.rows[0]?.cells['C']).toEqual({ metric: 'mean', datasets: ['x'], images: 0, patients: 0 });
});
