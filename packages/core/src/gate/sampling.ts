import { createRandom } from '@multichexnet/imaging';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import type { Sample } from '../data/sample.js';
import { ShuffledPool } from '../data/shuffled.js';
import { balancedDrawer, plainDrawer, type BatchDrawer } from './draw-batch.js';

/** How a dataset's training images are drawn where no gate decides. */
export type Sampling = 'plain' | 'class-balanced' | { readonly kind: 'repeat-factor'; readonly threshold: number };

export interface SamplingRequest {
  readonly sampling: Sampling;
  /** Share of positives of every batch; 0 = as `sampling` says. */
  readonly positivePortion: number;
  /** Indices of training samples, of those that are positive, and the samples themselves. */
  readonly all: readonly number[];
  readonly positives: readonly number[];
  readonly samples: readonly Sample[];
  readonly seed: number;
  readonly name: string;
}

export function createDrawer(request: SamplingRequest): BatchDrawer {
  const { sampling, positivePortion, all, positives, samples, seed, name } = request;
  if (positivePortion > 0) return balancedDrawer({ all, positives }, positivePortion, seed, name);
  const classesOf = (index: number): readonly string[] => presentFindings(samples[index]);
  if (sampling === 'class-balanced') return classBalancedDrawer(all, classesOf, seed, name);
  if (sampling === 'plain') return plainDrawer(all, seed, name);
  return repeatFactorDrawer(all, classesOf, sampling.threshold, seed, name);
}

/** Findings that are there; what core adds for gates is none of them. */
function presentFindings(sample: Sample | undefined): string[] {
  return Object.entries(sample?.labels.findings ?? {}).flatMap(([finding, there]) =>
    there && finding !== POSITIVE_FINDING ? [finding] : [],
  );
}

/**
 * Every class equally often, and images without a finding as one class more: the classes take turns, in another order every round, and each goes through its own
 * shuffled images. Images of several classes stand in each of them.
 */
export function classBalancedDrawer(
  all: readonly number[],
  classesOf: (index: number) => readonly string[],
  seed: number,
  name: string,
): BatchDrawer {
  const members = new Map<string, number[]>();
  for (const index of all) {
    const classes = classesOf(index);
    for (const key of classes.length > 0 ? classes.map((word) => `=${word}`) : ['none'])
      members.set(key, [...(members.get(key) ?? []), index]);
  }
  const pools = [...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, list]) => new ShuffledPool(list, seed, `${name}/${key}`));
  if (pools.length === 0) return plainDrawer(all, seed, name);
  const turns = new ShuffledPool([...pools.keys()], seed, `${name}/classes`);
  return {
    draw: (visit, batchSize) =>
      Array.from({ length: batchSize }, (_, i) => {
        const position = visit * batchSize + i;
        return (pools[turns.at(position)] as ShuffledPool<number>).at(Math.floor(position / pools.length));
      }),
  };
}

/**
 * Repeat-factor sampling (Gupta, Dollár, Girshick, LVIS, CVPR 2019, section 4.1): an image is in an epoch r_i times, r_i = max over its classes c of
 * max(1, sqrt(t / f_c)), f_c the share of images with the class; an image without a class once. The fraction of r_i is rounded by systematic sampling anew
 * every epoch, so that all epochs have the same length.
 */
export function repeatFactorDrawer(
  all: readonly number[],
  classesOf: (index: number) => readonly string[],
  threshold: number,
  seed: number,
  name: string,
): BatchDrawer {
  const factors = repeatFactors(all.map(classesOf), threshold);
  const length = Math.floor(factors.reduce((sum, factor) => sum + factor, 0));
  let epoch = -1;
  let order: readonly number[] = [];
  const at = (position: number): number => {
    const wanted = Math.floor(position / length);
    if (wanted !== epoch) {
      epoch = wanted;
      const random = createRandom(seed, 'repeat-factor', name, epoch);
      order = random.shuffle(repeated(all, factors, random.uniform())).slice(0, length);
    }
    return order[position % length] as number;
  };
  return { draw: (visit, batchSize) => Array.from({ length: batchSize }, (_, i) => at(visit * batchSize + i)) };
}

/** r_i of every image, from the classes of each. */
export function repeatFactors(classes: readonly (readonly string[])[], threshold: number): number[] {
  const counts = new Map<string, number>();
  for (const list of classes) for (const word of list) counts.set(word, (counts.get(word) ?? 0) + 1);
  return classes.map((list) =>
    Math.max(1, ...list.map((word) => Math.sqrt(threshold / ((counts.get(word) ?? 1) / classes.length)))),
  );
}

/** Item i floor(r_i) or ceil(r_i) times, r_i times on average over offsets in [0, 1). */
function repeated(items: readonly number[], factors: readonly number[], offset: number): number[] {
  const result: number[] = [];
  let sum = offset;
  for (const [i, item] of items.entries()) {
    const before = Math.floor(sum);
    sum += factors[i] ?? 1;
    for (let n = before; n < Math.floor(sum); n++) result.push(item);
  }
  return result;
}
