import { MetricsError } from './errors.js';

/**
 * IoU of every predicted box with every true one, continuous areas (no +1 pixel), as COCO and the RSNA challenge.
 *
 * @param predicted shape [k * 4]: x, y (top left), width, height
 * @param truth shape [m * 4], the same
 * @param crowd shape [m], 1 = a COCO crowd region, whose number is the share of the predicted box inside it
 * @returns shape [k * m], row-major, in [0, 1]
 */
export function boxIous(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  crowd?: ArrayLike<number>,
): Float64Array {
  const k = predicted.length / 4;
  const m = truth.length / 4;
  const ious = new Float64Array(k * m);
  for (let p = 0; p < k; p++) {
    const px = predicted[4 * p]!;
    const py = predicted[4 * p + 1]!;
    const pw = predicted[4 * p + 2]!;
    const ph = predicted[4 * p + 3]!;
    for (let t = 0; t < m; t++) {
      const tx = truth[4 * t]!;
      const ty = truth[4 * t + 1]!;
      const tw = truth[4 * t + 2]!;
      const th = truth[4 * t + 3]!;
      const width = Math.min(px + pw, tx + tw) - Math.max(px, tx);
      const height = Math.min(py + ph, ty + th) - Math.max(py, ty);
      if (width <= 0 || height <= 0) continue;
      const shared = width * height;
      ious[p * m + t] = shared / (crowd?.[t] === 1 ? pw * ph : pw * ph + tw * th - shared);
    }
  }
  return ious;
}

/**
 * @throws {MetricsError} METRICS_BOX_INVALID: not groups of four, not finite, a negative side; for true boxes, an empty one.
 */
export function assertBoxes(name: string, boxes: ArrayLike<number>, allowEmpty: boolean): void {
  if (boxes.length % 4 !== 0) {
    throw new MetricsError(
      'METRICS_BOX_INVALID',
      `${name} has ${boxes.length} numbers: pass x, y, width, height of each box`,
    );
  }
  for (let i = 0; i < boxes.length; i++) {
    const value = boxes[i]!;
    const side = i % 4 >= 2;
    if (Number.isFinite(value) && !(side && (value < 0 || (value === 0 && !allowEmpty)))) continue;
    throw new MetricsError(
      'METRICS_BOX_INVALID',
      `${name}[${i}] (${['x', 'y', 'width', 'height'][i % 4]!} of box ${Math.floor(i / 4)}) is ${value}: ` +
        `${side ? `a finite side ${allowEmpty ? '>= 0' : '> 0'}` : 'a finite number'} wanted`,
    );
  }
}
