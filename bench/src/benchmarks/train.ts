import { atLeast, atMost, type Benchmark, type Check } from '../benchmark.js';
import { nodeContender, pythonContender } from '../contender.js';
import type { Entry } from '../interleave.js';
import { round } from '../statistics.js';
import { BATCH, CLASSES, SIZE } from '../workload.js';

/** A turn takes at most that many steady steps, and begins none after so many seconds: on a busy machine fewer are measured. */
const SECONDS = '30';
const STEPS = ['6', SECONDS];

/** What has to hold between two contenders' step times, where both ran: [numerator, denominator, at most]. */
const LIMITS: readonly (readonly [string, string, number])[] = [
  ['traced', 'torch', 0.95],
  ['traced', 'keras', 0.85],
  ['traced-bf16', 'torch-bf16', 0.75],
  ['traced-bf16', 'torch', 0.6],
];

/** One training step, everything included: forward, loss, backward, Adam, moving averages. */
export const train: Benchmark = {
  name: 'train',
  what: 'a training step of DenseNet-121: traced, stock tfjs, and with --peers PyTorch and Keras',
  settings: { network: 'DenseNet-121', pixels: SIZE, batch: BATCH, outputs: CLASSES, optimizer: 'Adam' },
  rounds: 3,
  contenders: ({ peers }) => [
    nodeContender('traced', 'traced step, float32', 'train', ['traced', ...STEPS]),
    { ...nodeContender('stock', 'stock tfjs kernels, eager', 'train', ['stock', '2', SECONDS]), rounds: 2 },
    ...(peers
      ? [
          nodeContender('traced-bf16', 'traced step, bfloat16', 'train', ['traced-bf16', ...STEPS]),
          pythonContender('torch', 'PyTorch channels_last, float32', 'train_torch', ['float32', ...STEPS]),
          pythonContender('torch-bf16', 'PyTorch channels_last, bfloat16 autocast', 'train_torch', [
            'bfloat16',
            ...STEPS,
          ]),
          pythonContender('keras', 'Keras, train_on_batch', 'train_keras', STEPS),
        ]
      : []),
  ],
  conclude: (entries) => {
    const traced = entries['traced'] as Entry;
    const step = (name: string, part = 'step'): number | undefined => entries[name]?.ms[part];
    const over = (a: string, b: string, part = 'step'): number =>
      round((step(a, part) as number) / (step(b, part) as number));
    const others = Object.keys(entries).filter((name) => name !== 'traced');
    const checks: Check[] = [
      atLeast('stock / traced step time', over('stock', 'traced'), 3.5),
      atMost('peak memory of the traced step', round(traced.peakBytes / 1e9), 3, ' GB'),
      atMost('first traced step', round((traced.ms['firstStep'] as number) / 1000), 6, ' s'),
    ];
    for (const [a, b, limit] of LIMITS)
      if (step(a) !== undefined && step(b) !== undefined)
        checks.push(atMost(`${a} / ${b} step time`, over(a, b), limit));
    const torch = entries['torch'];
    if (torch !== undefined)
      checks.push(atMost('traced / torch peak memory', round(traced.peakBytes / torch.peakBytes), 1));
    const ratios = others.flatMap((name) => [
      [`${name}/traced`, over(name, 'traced')] as const,
      [`${name}/traced CPU time`, over(name, 'traced', 'stepCpu')] as const,
    ]);
    return { ratios: Object.fromEntries(ratios), checks };
  },
};
