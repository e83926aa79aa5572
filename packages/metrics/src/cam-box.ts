import { boxIous } from './box-overlap.js';
import { MetricsError } from './errors.js';
import { assertTruth, largestPart, peakOf, type HeatMapPart, type HeatMapRecord } from './heat-map.js';

/**
 * The box that a map draws: around the largest connected part (8 neighbours) at or above `share` of its maximum; undefined for a map of zeros.
 *
 * @param share in (0, 1], default 0.5
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID, METRICS_OPTION_INVALID
 */
export function camBox(map: HeatMapRecord, share = 0.5): HeatMapPart | undefined {
  if (!(share > 0 && share <= 1))
    throw new MetricsError('METRICS_OPTION_INVALID', `share is ${share}: more than 0, at most 1 wanted`);
  const peak = peakOf(map);
  return peak > 0 ? largestPart(map, share * peak) : undefined;
}

/**
 * IoU, 0..1, of {@link camBox} with the true box that fits it best; 0 for a map of zeros.
 *
 * @param boxes the finding's boxes in this image, [k * 4]: x, y (top left), width, height in pixels
 * @throws {MetricsError} as {@link camBox}; METRICS_BOX_INVALID
 */
export function camBoxIou(map: HeatMapRecord, boxes: ArrayLike<number>, share = 0.5): number {
  assertTruth(boxes);
  const box = camBox(map, share);
  return box === undefined ? 0 : Math.max(...boxIous([box.x, box.y, box.width, box.height], boxes));
}
