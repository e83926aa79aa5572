import { createRandom } from '@multichexnet/imaging';
import { DetError } from './errors.js';
import type { DetOptions } from './options.js';

/** Width and height in pixels of the input. */
export type Anchor = readonly [width: number, height: number];

interface Extent {
  readonly width: number;
  readonly height: number;
}

/** The original code's anchors for an 8x8 grid, in cells (facts of the reference implementation). */
const REFERENCE_CELLS: readonly Anchor[] = [
  [1.08, 1.19],
  [3.42, 4.41],
  [6.63, 11.38],
  [9.42, 5.11],
  [16.62, 10.52],
];
const REFERENCE_GRID = 8;
const ROUNDS = 200;

/**
 * The anchors to use at an input size. A count that was never fitted falls back to the reference's anchors if it is their number.
 *
 * @throws {DetError} DET_ANCHORS_NOT_FITTED
 */
export function resolveAnchors(anchors: DetOptions['anchors'], inputSize: number): Anchor[] {
  if (typeof anchors !== 'number') return anchors.map(([width, height]) => [width!, height!]);
  if (anchors !== REFERENCE_CELLS.length) {
    throw new DetError(
      'DET_ANCHORS_NOT_FITTED',
      `head "det" was to fit ${anchors} anchors, but there were too few training boxes; list them as [width, height], or use ${REFERENCE_CELLS.length}, for which the reference gives some`,
    );
  }
  const cell = inputSize / REFERENCE_GRID;
  return REFERENCE_CELLS.map(([width, height]) => [width * cell, height * cell]);
}

/** How many anchors there will be, fitted or not. */
export function anchorCount(anchors: DetOptions['anchors']): number {
  return typeof anchors === 'number' ? anchors : anchors.length;
}

/**
 * `k` anchors by k-means with the distance 1 - IoU of boxes laid on one corner (Redmon & Farhadi 2017), started by k-means++ from `seed`; sorted by area.
 *
 * @param boxes training boxes in pixels of the input; those without extent are left out
 * @returns undefined with fewer boxes of different extent than k
 */
export function fitAnchors(boxes: readonly Extent[], k: number, seed: number): Anchor[] | undefined {
  const extents = boxes
    .filter(({ width, height }) => width > 0 && height > 0)
    .map(({ width, height }): Anchor => [width, height]);
  if (new Set(extents.map(([w, h]) => `${w} ${h}`)).size < k) return undefined;
  let centres = plusPlus(extents, k, seed);
  let assigned: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next = extents.map((extent) => nearest(extent, centres));
    if (next.every((centre, i) => centre === assigned[i])) break;
    assigned = next;
    centres = centres.map((centre, c) => mean(extents.filter((_, i) => assigned[i] === c)) ?? centre);
  }
  return centres.map(([w, h]): Anchor => [round2(w), round2(h)]).sort((a, b) => a[0] * a[1] - b[0] * b[1]);
}

/** IoU of two extents laid on one corner. */
export function extentIou([w1, h1]: Anchor, [w2, h2]: Anchor): number {
  const shared = Math.min(w1, w2) * Math.min(h1, h2);
  return shared / (w1 * h1 + w2 * h2 - shared);
}

/** Mean over extents of the IoU with the best anchor: how well anchors suit boxes. */
export function meanBestIou(boxes: readonly Extent[], anchors: readonly Anchor[]): number {
  const best = boxes.map(({ width, height }) =>
    Math.max(...anchors.map((anchor) => extentIou([width, height], anchor))),
  );
  return best.reduce((a, b) => a + b, 0) / best.length;
}

/** First centres, each drawn with the probability of its squared distance to the ones before. */
function plusPlus(extents: readonly Anchor[], k: number, seed: number): Anchor[] {
  const random = createRandom(seed, 'anchors');
  const centres: Anchor[] = [extents[random.int(extents.length)]!];
  while (centres.length < k) {
    const weights = extents.map((extent) => Math.min(...centres.map((centre) => 1 - extentIou(extent, centre))) ** 2);
    let rest = random.uniform() * weights.reduce((a, b) => a + b, 0);
    let pick = weights.findIndex((weight) => (rest -= weight) < 0);
    if (pick < 0) pick = weights.findLastIndex((weight) => weight > 0); // rounding ran past the end
    centres.push(extents[pick]!);
  }
  return centres;
}

function nearest(extent: Anchor, centres: readonly Anchor[]): number {
  let best = 0;
  for (let c = 1; c < centres.length; c++)
    if (extentIou(extent, centres[c]!) > extentIou(extent, centres[best]!)) best = c;
  return best;
}

function mean(extents: readonly Anchor[]): Anchor | undefined {
  if (extents.length === 0) return undefined;
  const sum = extents.reduce(([w, h], [w2, h2]): Anchor => [w + w2, h + h2], [0, 0] as Anchor);
  return [sum[0] / extents.length, sum[1] / extents.length];
}

function round2(value: number): number {
  return Math.max(0.01, Math.round(value * 100) / 100);
}
