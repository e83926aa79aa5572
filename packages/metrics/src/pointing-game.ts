import { MetricsError } from './errors.js';
import { assertTruth, largestPart, peakOf, type HeatMapRecord } from './heat-map.js';

/**
 * Pointing game (Zhang et al. 2016, section 4.1): whether the map's maximum lies in a true box of the finding. Where several pixels hold the maximum, as in an
 * enlarged map, it lies in the middle of their largest connected part. A map of zeros points nowhere: a miss.
 *
 * @param boxes the finding's boxes in this image, [k * 4]: x, y (top left), width, height in pixels
 * @param tolerance pixels around a box that still count; default 0 (the paper has 15)
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID, METRICS_BOX_INVALID, METRICS_OPTION_INVALID
 */
export function pointingGame(map: HeatMapRecord, boxes: ArrayLike<number>, tolerance = 0): boolean {
  assertTruth(boxes);
  if (!(tolerance >= 0 && tolerance < Infinity))
    throw new MetricsError('METRICS_OPTION_INVALID', `tolerance is ${tolerance}: pixels >= 0 wanted`);
  const peak = peakOf(map);
  const point = peak > 0 ? largestPart(map, peak)?.centre : undefined;
  if (point === undefined) return false;
  const [x, y] = point;
  for (let i = 0; i < boxes.length; i += 4) {
    // How far outside of the box the point is, along each axis.
    const dx = Math.max(boxes[i]! - x, x - boxes[i]! - boxes[i + 2]!, 0);
    const dy = Math.max(boxes[i + 1]! - y, y - boxes[i + 1]! - boxes[i + 3]!, 0);
    if (Math.hypot(dx, dy) <= tolerance) return true;
  }
  return false;
}
