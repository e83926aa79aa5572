import type { Size } from '../grey-image.js';

/**
 * Where each pixel of an output row comes from: writes the source coordinates of the pixels' centres, [width] each, in
 * continuous coordinates (pixel i covers [i, i + 1)).
 */
export type SourceRows = (y: number, xs: Float64Array, ys: Float64Array) => void;

/** One plane to resample. */
export interface Plane {
  /** [height * width] */
  readonly data: Uint8Array;
  /** Value of what lies outside. */
  readonly fill: number;
  /** What becomes of each resampled value. [256] */
  readonly table?: Uint8Array | undefined;
}

const unchanged: Uint8Array = Uint8Array.from({ length: 256 }, (_, value) => value);

/**
 * One bilinear interpolation of every plane by one map, rounded half up, then looked up.
 * @returns [height * width] for each plane
 */
export function resample(planes: readonly Plane[], { width, height }: Size, rows: SourceRows): Uint8Array[] {
  const xs = new Float64Array(width);
  const ys = new Float64Array(width);
  const outs = planes.map(() => new Uint8Array(width * height));
  for (let y = 0; y < height; y++) {
    rows(y, xs, ys);
    for (let p = 0; p < planes.length; p++) sampleRow(planes[p]!, width, height, xs, ys, outs[p]!, y * width);
  }
  return outs;
}

function sampleRow(
  { data, fill, table = unchanged }: Plane,
  width: number,
  height: number,
  xs: Float64Array,
  ys: Float64Array,
  out: Uint8Array,
  at: number,
): void {
  const inside = (x: number, y: number) => (x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x]! : fill);
  for (let x = 0; x < width; x++) {
    const sx = xs[x]! - 0.5;
    const sy = ys[x]! - 0.5;
    const x0 = Math.floor(sx);
    const y0 = Math.floor(sy);
    const fx = sx - x0;
    const fy = sy - y0;
    let v00 = fill;
    let v10 = fill;
    let v01 = fill;
    let v11 = fill;
    if (x0 >= 0 && y0 >= 0 && x0 < width - 1 && y0 < height - 1) {
      const i = y0 * width + x0;
      v00 = data[i]!;
      v10 = data[i + 1]!;
      v01 = data[i + width]!;
      v11 = data[i + width + 1]!;
    } else if (x0 >= -1 && y0 >= -1 && x0 < width && y0 < height) {
      v00 = inside(x0, y0);
      v10 = inside(x0 + 1, y0);
      v01 = inside(x0, y0 + 1);
      v11 = inside(x0 + 1, y0 + 1);
    }
    const upper = v00 * (1 - fx) + v10 * fx;
    const lower = v01 * (1 - fx) + v11 * fx;
    out[at + x] = table[(upper * (1 - fy) + lower * fy + 0.5) | 0]!;
  }
}
