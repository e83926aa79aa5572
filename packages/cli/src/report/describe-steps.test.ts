import { expect, test } from 'vitest';
import { describeSteps, type TrainedPhase } from './describe-steps.js';

const select = { metric: 'det.mAP', on: 'rsna', every: 50 };
const result = (steps: number, more: object = {}, fits = 1): NonNullable<TrainedPhase['result']> => ({
  ...{ steps, fits },
  selected: { ...select, steps, stopped: false, ...more },
});

test.each<[TrainedPhase, string]>([
  [{ phase: { steps: 1000 } }, '1,000 steps'],
  [{ phase: { steps: 1 }, result: { steps: 1, fits: 1 } }, '1 step'],
  [
    { phase: { steps: 1000 }, result: result(400, { stopped: true, best: { steps: 250, value: 0.4 } }) },
    '400 of 1,000 steps, weights of step 250 by det.mAP on rsna',
  ],
  [
    { phase: { steps: 300 }, result: result(300, { best: { steps: 250, value: 0.4 } }, 5), seed: 3 },
    '300 steps, weights of step 250 by det.mAP on rsna (fold 1, seed 3)',
  ],
  [{ phase: { steps: 300 }, result: result(300) }, '300 steps'],
])('%j: %s', (trained, words) => {
  expect(describeSteps(trained)).toBe(words);
});
