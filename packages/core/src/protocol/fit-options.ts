import type { ImageSource } from '../data/image-source.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import { labelledInput } from '../data/prepared-image.js';
import type { Choice } from '../model/network.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { hashValue } from '../store/hash.js';
import type { ResolvedPhase } from './resolved-phase.js';

/** Enough labels for k-means; the first in table order, so that the result does not depend on chance. */
const MAX_LABELS = 2000;

/**
 * Completes the options of heads that want to see labels first (anchors). All phases get the same, from the training part of the first dataset that the
 * head trains on, so that weights fit from phase to phase.
 */
export async function fitHeadOptions(
  phases: readonly ResolvedPhase[],
  registry: PluginRegistry,
  sourceOf: (dataset: string, boxesFromMasks?: { readonly minArea: number }) => ImageSource,
  seed: number,
): Promise<ResolvedPhase[]> {
  const fitted = new Map<string, Choice>();
  const labelsOf = async (
    head: string,
    choice: Choice,
  ): Promise<{ labels: unknown[]; inputSize: number } | undefined> => {
    const { kind, ...options } = choice;
    for (const phase of phases) {
      const turn = phase.schedule.turns.find(({ train, heads }) => (heads ?? train).includes(head));
      if (turn === undefined) continue;
      const source = sourceOf(turn.on, phase.boxesFromMasks);
      const indices = source
        .indices('train')
        .filter((index) => source.samples[index]?.labels.findings[POSITIVE_FINDING] === true);
      const labels: unknown[] = [];
      for (const index of indices.slice(0, MAX_LABELS))
        for (const image of await source.loadReadable([index])) {
          const label: unknown = registry.head(kind).label(labelledInput(image), options);
          if (label !== undefined) labels.push(label);
        }
      return { labels, inputSize: source.size };
    }
    return undefined;
  };
  const complete = async (name: string, choice: Choice): Promise<Choice> => {
    const { kind, ...options } = choice;
    const plugin = registry.head(kind);
    if (plugin.fit === undefined) return choice;
    const key = hashValue([name, choice]);
    const known = fitted.get(key);
    if (known !== undefined) return known;
    const data = await labelsOf(name, choice);
    const result =
      data === undefined
        ? choice
        : { kind, ...(plugin.fit(options, data.labels, { inputSize: data.inputSize, seed }) as object) };
    fitted.set(key, result);
    return result;
  };
  const results: ResolvedPhase[] = [];
  for (const phase of phases) {
    const heads: Record<string, Choice> = {};
    for (const [name, choice] of Object.entries(phase.heads)) heads[name] = await complete(name, choice);
    results.push({ ...phase, heads });
  }
  return results;
}
