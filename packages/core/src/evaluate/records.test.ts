import { expect, test } from 'vitest';
import { ImageSource } from '../data/image-source.js';
import { stretchTo } from '../data/preprocessing.js';
import type { Split, SplitSample } from '../data/sample.js';
import { silentLogger } from '../log/logger.js';
import type { MetricItem } from '../plugin/metric.js';
import { collectRecords, joinRecords, type CollectOptions } from './records.js';

const sample = (i: number, split: Split, known = true): SplitSample => ({
  dataset: 'rsna',
  id: `i${i}`,
  image: '',
  patient: { key: `p${i}` },
  split,
  labels: { findings: known ? { A: i % 2 === 0 } : {} },
});

function options(
  samples: readonly SplitSample[],
  more: Partial<CollectOptions> = {},
): { collect: CollectOptions; items: MetricItem<unknown>[]; sizes: number[] } {
  const source = new ImageSource(samples, { preprocessing: stretchTo(2) });
  source.load = (index) =>
    Promise.resolve({ sample: samples[index]!, pixels: new Uint8Array(4).fill(index), size: 2, width: 8, height: 6 });
  const items: MetricItem<unknown>[] = [];
  const sizes: number[] = [];
  const head = {
    name: 'cls',
    options: {},
    plugin: { label: ({ labels }: SplitSample) => labels.findings['A'] },
    head: {
      decode: ([value]: [number], geometry: object) => ({ value, geometry }),
      empty: () => 'empty',
      metrics: [
        { name: 'first', observe: (item: MetricItem<unknown>) => (items.push(item), item.outputs?.[0] ?? -1) },
        { name: 'second', observe: ({ label }: MetricItem<unknown>) => label },
      ],
    },
  } as never;
  return {
    collect: {
      inference: {
        run: (images) => (
          sizes.push(images.length),
          Promise.resolve(images.map((image) => ({ cls: [image.pixels[0]!] })))
        ),
        dispose: () => undefined,
      },
      requests: [
        { key: 'all', head },
        { key: 'gated', head, passes: ({ sample: { id } }) => id !== 'i2' },
      ],
      source,
      split: 'test',
      batchSize: 2,
      logger: silentLogger,
      name: 'x',
      ...more,
    },
    items,
    sizes,
  };
}

test('one pass over a part: each request keeps every metric’s record of every image whose label is known', async () => {
  const samples = [
    sample(0, 'test'),
    sample(1, 'train'),
    sample(2, 'test'),
    sample(3, 'test', false),
    sample(5, 'test'),
  ];
  const { collect, items, sizes } = options(samples);
  const records = await collectRecords(collect);
  expect(sizes).toEqual([2, 2]);
  const kept = ['i0', 'i2', 'i5'].map((id) => ({ id, dataset: 'rsna', patient: `p${id.slice(1)}` }));
  expect(records).toEqual({
    all: { samples: kept, metrics: { first: [0, 2, 4], second: [true, true, false] } },
    gated: { samples: kept, metrics: { first: [0, -1, 4], second: [true, true, false] } },
  });
  const geometry = { inputSize: 2, width: 8, height: 6 };
  expect(items[0]).toMatchObject({ outputs: [0], prediction: { value: 0, geometry }, label: true, geometry });
  expect(items.find(({ prediction }) => prediction === 'empty')).toMatchObject({ outputs: undefined, label: true });
});

test('a pass that is told to stop ends between two batches', async () => {
  const { collect, sizes } = options([0, 1, 2, 3, 4].map((i) => sample(i, 'test')));
  const controller = new AbortController();
  const progress = (): void => controller.abort('SIGTERM');
  const { signal } = controller;
  const stopped = collectRecords({ ...collect, signal, logger: { ...silentLogger, progress } });
  await expect(stopped).rejects.toMatchObject({
    code: 'RUN_PREEMPTED',
    message: expect.stringContaining('after 2 of 5 images') as string,
  });
  expect(sizes).toEqual([2]);
});

test('metrics that name one record share it; a sample keeps what subgroups are made of', async () => {
  const person = { key: 'p', sex: 'F', ageYears: 41 } as const;
  const said = { view: 'AP', source: 'hospital', attributes: { class: 'Normal' } };
  const { collect } = options([{ ...sample(0, 'test'), patient: person, ...said }]);
  const metric = (name: string, value: number) => ({ name, record: 'shared', better: 'higher', observe: () => value });
  const original = collect.requests[0]!.head as unknown as { head: object };
  const head = { ...original, head: { ...original.head, metrics: [metric('a', 1), metric('b', 2)] } } as never;
  const { x } = await collectRecords({ ...collect, requests: [{ key: 'x', head }] });
  expect(x).toEqual({
    samples: [{ id: 'i0', dataset: 'rsna', patient: 'p', sex: 'F', ageYears: 41, ...said }],
    metrics: { shared: [1] },
  });
});

test('an empty part has no records but their names', async () => {
  const { collect } = options([sample(0, 'train')]);
  expect(await collectRecords(collect)).toEqual({
    all: { samples: [], metrics: { first: [], second: [] } },
    gated: { samples: [], metrics: { first: [], second: [] } },
  });
});

test('a head without empty() cannot be held back', async () => {
  const { collect } = options([sample(2, 'test')]);
  const head = { ...(collect.requests[0]!.head as object), head: { metrics: [], decode: () => 0 } } as never;
  await expect(collectRecords({ ...collect, requests: [{ key: 'x', head, passes: () => false }] })).rejects.toThrow(
    expect.objectContaining({ code: 'HEAD_NO_EMPTY' }),
  );
});

test('parts are joined in order', () => {
  const part = (id: string, value: number) => ({
    samples: [{ id, dataset: 'd', patient: 'p' }],
    metrics: { m: [value] },
  });
  expect(joinRecords([part('a', 1), part('b', 2)])).toEqual({
    samples: [
      { id: 'a', dataset: 'd', patient: 'p' },
      { id: 'b', dataset: 'd', patient: 'p' },
    ],
    metrics: { m: [1, 2] },
  });
  expect(joinRecords([])).toEqual({ samples: [], metrics: {} });
});
