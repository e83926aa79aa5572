import { expect, test } from 'vitest';
import { ImageSource } from '../data/image-source.js';
import { stretchTo } from '../data/preprocessing.js';
import type { SplitSample } from '../data/sample.js';
import { PluginRegistry } from '../plugin/registry.js';
import { fitHeadOptions } from './fit-options.js';
import type { ResolvedPhase } from './resolved-phase.js';

const calls: unknown[] = [];
const registry = new PluginRegistry({
  heads: [
    {
      kind: 'det',
      apiVersion: 1,
      options: {},
      label: ({ id }: SplitSample) => (id === 'one3' ? undefined : id),
      fit: (options: object, labels: unknown[], context: object) => {
        calls.push([options, labels, context]);
        return { ...options, anchors: labels.length };
      },
    },
    { kind: 'cls', apiVersion: 1, options: {} },
  ] as never,
  encoders: [],
  datasets: [],
});

function source(name: string): ImageSource {
  const samples = Array.from({ length: 8 }, (_, i): SplitSample => ({
    dataset: name,
    id: `${name}${i}`,
    image: '',
    patient: { key: `${i}` },
    split: i < 6 ? 'train' : 'test',
    labels: { findings: { positive: i % 2 === 1 } },
  }));
  const own = new ImageSource(samples, { preprocessing: stretchTo(32) });
  own.load = (index) =>
    Promise.resolve({ sample: samples[index]!, pixels: new Uint8Array(0), size: 32, width: 1, height: 1 });
  return own;
}
const phase = (name: string, on: string, heads: ResolvedPhase['heads'], train = Object.keys(heads)): ResolvedPhase =>
  ({
    name,
    heads,
    schedule: { kind: 'alternating', turns: [{ on, train }] },
  }) as Partial<ResolvedPhase> as ResolvedPhase;

test('a head’s options are completed once from the known labels of training positives, for every phase alike', async () => {
  calls.length = 0;
  const phases = [
    phase('a', 'one', { cls: { kind: 'cls', width: 1 } }),
    phase('b', 'one', { det: { kind: 'det', k: 5 }, cls: { kind: 'cls' } }),
    phase('c', 'two', { det: { kind: 'det', k: 5 } }),
    phase('d', 'two', { det: { kind: 'det', k: 6 } }),
  ];
  const fitted = await fitHeadOptions(phases, registry, source, 9);
  expect(fitted.map(({ heads }) => heads)).toEqual([
    { cls: { kind: 'cls', width: 1 } },
    { det: { kind: 'det', k: 5, anchors: 2 }, cls: { kind: 'cls' } },
    { det: { kind: 'det', k: 5, anchors: 2 } },
    { det: { kind: 'det', k: 6, anchors: 2 } },
  ]);
  expect(calls).toEqual([
    [{ k: 5 }, ['one1', 'one5'], { inputSize: 32, seed: 9 }],
    [{ k: 6 }, ['one1', 'one5'], { inputSize: 32, seed: 9 }],
  ]);
  expect(phases[1]?.heads['det']).toEqual({ kind: 'det', k: 5 });
});

test('a head that no turn trains keeps its options', async () => {
  const [only] = await fitHeadOptions([phase('a', 'one', { det: { kind: 'det' } }, ['cls'])], registry, source, 1);
  expect(only?.heads).toEqual({ det: { kind: 'det' } });
});
