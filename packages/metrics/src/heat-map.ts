import { assertBoxes } from './box-overlap.js';
import { assertLength, MetricsError } from './errors.js';

/** Where a network looked, in pixels of the image that its boxes are drawn in. */
export interface HeatMapRecord {
  /** Finite, >= 0, row-major, [height * width]; all 0 where it looked nowhere. */
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/** A connected part of a map with its bounding box in pixels. */
export interface HeatMapPart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly area: number;
  /** Mean of the pixels' centres. */
  readonly centre: readonly [x: number, y: number];
}

/** The map's maximum. @throws {MetricsError} METRICS_LENGTH_MISMATCH; METRICS_SCORE_INVALID */
export function peakOf({ values, width, height }: HeatMapRecord): number {
  assertLength('values', values.length, width * height);
  let peak = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value < Infinity))
      throw new MetricsError('METRICS_SCORE_INVALID', `values[${i}] is ${value}: a finite number >= 0 wanted`);
    if (value > peak) peak = value;
  }
  return peak;
}

/** The largest connected part (8 neighbours) at or above a value; of equal ones, the one met first row by row. */
export function largestPart({ values, width, height }: HeatMapRecord, least: number): HeatMapPart | undefined {
  const seen = new Uint8Array(values.length);
  const pending: number[] = [];
  let best: HeatMapPart | undefined;
  const visit = (at: number): void => {
    if (seen[at] === 1 || values[at]! < least) return;
    seen[at] = 1;
    pending.push(at);
  };
  for (let first = 0; first < values.length; first++) {
    visit(first);
    if (pending.length === 0) continue;
    let [left, right, top, bottom] = [width, 0, height, 0];
    let [area, sumX, sumY] = [0, 0, 0];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      area++;
      sumX += x + 0.5;
      sumY += y + 0.5;
      for (let ny = Math.max(0, y - 1); ny <= y + 1 && ny < height; ny++)
        for (let nx = Math.max(0, x - 1); nx <= x + 1 && nx < width; nx++) visit(ny * width + nx);
    }
    if (best === undefined || area > best.area)
      best = {
        x: left,
        y: top,
        width: right - left + 1,
        height: bottom - top + 1,
        area,
        centre: [sumX / area, sumY / area],
      };
  }
  return best;
}

/** @throws {MetricsError} METRICS_BOX_INVALID: malformed, or no box at all */
export function assertTruth(boxes: ArrayLike<number>): void {
  assertBoxes('boxes', boxes, false);
  if (boxes.length === 0)
    throw new MetricsError('METRICS_BOX_INVALID', 'boxes is empty: a map is compared with at least one true box');
}
