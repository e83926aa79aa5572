import type { SplitSample } from './sample.js';

/** Fewer cases of a kind than this in the test part make any number on them a rumour. */
const FEW = 10;

/** What a reader must know of a test part that has only positives, only negatives, or few of either. */
export function partNotes(
  samples: readonly SplitSample[],
  positiveOf: (sample: SplitSample) => boolean | undefined,
): string[] {
  const test = samples.filter(({ split }) => split === 'test');
  const known = test.map(positiveOf).filter((value) => value !== undefined);
  const positives = known.filter(Boolean).length;
  const negatives = known.length - positives;
  if (known.length === 0 || (positives >= FEW && negatives >= FEW)) return [];
  const part = `Of its test part ${positives} images have findings and ${negatives} have none`;
  if (positives === 0 || negatives === 0)
    return [`${part}: what tells the two apart (AUROC, a gate) cannot be measured on it.`];
  return [`${part}: too few for its numbers to mean much.`];
}
