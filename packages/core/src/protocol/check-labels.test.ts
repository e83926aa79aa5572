import { expect, test } from 'vitest';
import type { OpenedDataset } from '../data/open-datasets.js';
import type { Labels, SplitSample } from '../data/sample.js';
import type { AnyHeadPlugin, LabelledInput } from '../plugin/head-plugin.js';
import { PluginRegistry } from '../plugin/registry.js';
import { checkLabels } from './check-labels.js';
import type { ResolvedPhase } from './resolved-phase.js';

const head = (
  kind: string,
  label: (sample: LabelledInput) => unknown,
  known?: (label: never) => number[],
): AnyHeadPlugin =>
  ({
    kind,
    apiVersion: 1,
    options: { type: 'object', additionalProperties: false },
    label,
    create: () => ({ ...(known === undefined ? {} : { known }) }),
  }) as never;
const registry = new PluginRegistry({
  heads: [
    head('det', ({ input }) => input.boxes),
    head('seg', ({ input }) => input.mask),
    head(
      'cls',
      ({ labels }) => labels.findings['Pneumonia'],
      (label) => [label === undefined ? 0 : 1],
    ),
  ],
  encoders: [],
  datasets: [],
});
const datasets = (labels: readonly Labels[]): Map<string, OpenedDataset> =>
  new Map([
    [
      'd',
      { samples: labels.map((each) => ({ split: 'train', labels: each }) as SplitSample) } as unknown as OpenedDataset,
    ],
  ]);
const phase = (kind: string, more: Partial<ResolvedPhase> = {}): ResolvedPhase =>
  ({
    name: 'one',
    heads: { h: { kind } },
    schedule: { kind: 'alternating', turns: [{ on: 'd', train: ['encoder', 'h'] }] },
    ...more,
  }) as ResolvedPhase;
const codes = (kind: string, labels: readonly Labels[], more: Partial<ResolvedPhase> = {}): string[] =>
  checkLabels([phase(kind, more)], datasets(labels), registry).map(({ code }) => code);

const unknown: Labels = { findings: {} };
const box: Labels = { findings: {}, boxes: [] };
const mask: Labels = { findings: {}, mask: { width: 1, height: 1, rle: [] } };

test.each([
  ['seg', [box, unknown], ['DATA_NO_LABELS']],
  ['seg', [box, mask], []],
  ['det', [unknown, box], []],
  ['det', [mask], ['DATA_NO_LABELS']],
  ['cls', [box], ['DATA_NO_LABELS']],
  ['cls', [{ findings: { Pneumonia: false } }], []],
] as const)('%s on %j: %j', (kind, labels, expected) => {
  expect(codes(kind, labels)).toEqual(expected);
});

test('masks that give boxes are labels of a detector', () => {
  expect(codes('det', [mask], { boxesFromMasks: { minArea: 1 } })).toEqual([]);
});
