import { auroc, rankScores } from '@multichexnet/metrics';
import type { SplitSample } from './sample.js';
import { sourcesOf } from './source-splits.js';

/** From here on the source tells so much that a reader of the network's own AUROC must know it. */
const TELLING = 0.6;

/**
 * What the source of an image gives away of each finding: a network that recognises where an image comes from scores as high without knowing the disease.
 * An image's score is the share of positives among the images of other patients of its source, drawn towards the share in all by one image's weight; a
 * source with one patient says nothing.
 */
export function sourceNotes(samples: readonly SplitSample[], findings: readonly string[]): string[] {
  const sources = sourcesOf(samples);
  return findings.flatMap((finding) => {
    const known = samples.flatMap(({ labels, patient }, i) => {
      const [label, source] = [labels.findings[finding], sources[i]];
      return label === undefined || source === undefined ? [] : [{ label, source, patient: patient.key }];
    });
    const positives = known.filter(({ label }) => label).length;
    const counts = countBy(known, ({ source }) => source);
    if (positives === 0 || positives === known.length || counts.size < 2) return [];
    const own = countBy(known, ({ source, patient }) => `${source} ${patient}`);
    const share = positives / known.length;
    const scores = known.map(({ source, patient }) => {
      const [all, mine] = [counts.get(source), own.get(`${source} ${patient}`)] as [Count, Count];
      return (all.positives - mine.positives + share) / (all.images - mine.images + 1);
    });
    const labels = known.map(({ label }) => Number(label));
    const value = auroc(rankScores(scores, labels)) ?? 0;
    const mixed = [...counts.values()].filter(({ images, positives: p }) => p > 0 && p < images).length;
    if (value < TELLING && mixed > counts.size / 2) return [];
    return [
      `${finding} comes from ${counts.size} sources, of which ${mixed === 0 ? 'none has' : mixed === 1 ? 'one has' : `${mixed} have`} images both with and without it; the source of an image alone, without a look at it, tells ${finding} with an AUROC of ${value.toFixed(2)}, so that a network may score as high by knowing where an image comes from.`,
    ];
  });
}

interface Count {
  images: number;
  positives: number;
}

function countBy<T extends { readonly label: boolean }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const item of items) {
    const count = counts.get(keyOf(item)) ?? { images: 0, positives: 0 };
    count.images++;
    if (item.label) count.positives++;
    counts.set(keyOf(item), count);
  }
  return counts;
}
