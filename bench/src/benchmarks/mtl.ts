import { atMost, type Benchmark, type Check } from '../benchmark.js';
import { nodeContender } from '../contender.js';
import type { Entry } from '../interleave.js';
import { round } from '../statistics.js';
import { BATCH, SIZE } from '../workload.js';

const HEADS = ['cls', 'det', 'seg'];
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** What sharing an encoder saves: at inference against three single-task models, in training the turns of both schedules. */
export const mtl: Benchmark = {
  name: 'mtl',
  what: 'one pass with three heads against three single-task models, and the training turns',
  settings: { network: 'DenseNet-121 + cls + det + seg', pixels: SIZE, batch: BATCH },
  rounds: 2,
  contenders: () => [
    nodeContender('infer1', 'inference, batch 1', 'mtl-infer', ['1', '8', '15']),
    nodeContender('infer8', `inference, batch ${BATCH}`, 'mtl-infer', [String(BATCH), '4', '25']),
    nodeContender('train', `training, batch ${BATCH}`, 'mtl-train', ['3', '30']),
  ],
  conclude: (entries) => {
    const ratios: Record<string, number> = {};
    const checks: Check[] = [];
    for (const name of ['infer1', 'infer8']) {
      const { ms, notes } = entries[name] as Entry;
      const time = (part: string): number => ms[part] as number;
      const share = round(time('together') / sum(HEADS.map((head) => time(`${head}Model`))));
      const heads = sum(HEADS.map((head) => time(`${head}Head`)));
      const expected = round((time('encoder') + heads) / (3 * time('encoder') + heads));
      ratios[`${name}: one pass/three models`] = share;
      ratios[`${name}: (E + sum H)/(3E + sum H)`] = expected;
      checks.push(
        atMost(
          `${name}: one pass / three models, against what sharing the encoder promises`,
          round(share / expected),
          1.05,
        ),
      );
      if (name === 'infer8') {
        const weights = sum(HEADS.map((head) => Number(notes?.[head])));
        const encoder = Number(notes?.['encoder']);
        ratios['weights: one model/three models'] = round((encoder + weights) / (3 * encoder + weights));
      }
    }
    const train = (part: string): number => entries['train']?.ms[part] as number;
    ratios['train: joint step/three single-task steps'] = round(
      train('joint') / (train('cls') + train('det') + train('seg')),
    );
    ratios['train: mean alternating turn/cls step'] = round((train('clsDet') + train('clsSeg')) / 2 / train('cls'));
    return { ratios, checks };
  },
};
