import type { Box } from '../geometry/box.js';
import type { GreyImage8, Size } from '../grey-image.js';

/**
 * x' = a x + b y + c, y' = d x + e y + f in continuous pixel coordinates (pixel i covers [i, i + 1)).
 */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

export interface AffineParameters {
  /** Mirror left and right, first. */
  readonly flip: boolean;
  /** Degrees, clockwise as seen (y runs down). */
  readonly rotation: number;
  readonly scale: number;
  /** Fraction of the width and of the height, last. */
  readonly translateX: number;
  readonly translateY: number;
}

// Sines may differ in the last bit from one JavaScript engine to the next; on this grid the matrices are the same everywhere.
const grid = 2 ** 24;

/** Flip, scale and rotation about the middle of the image, then translation. */
export function affineOf(parameters: AffineParameters, { width, height }: Size): Affine {
  const angle = (parameters.rotation * Math.PI) / 180;
  const cos = snap(Math.cos(angle) * parameters.scale);
  const sin = snap(Math.sin(angle) * parameters.scale);
  const mirror = parameters.flip ? -1 : 1;
  const a = mirror * cos;
  const d = mirror * sin;
  const cx = width / 2;
  const cy = height / 2;
  return {
    a,
    b: -sin,
    c: cx - a * cx + sin * cy + snap(parameters.translateX * width),
    d,
    e: cos,
    f: cy - d * cx - cos * cy + snap(parameters.translateY * height),
  };
}

/** The bounding box of a transformed box; other fields are kept. */
export function transformBox<B extends Box>(box: B, m: Affine): B {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const x of [box.x, box.x + box.width]) {
    for (const y of [box.y, box.y + box.height]) {
      xs.push(m.a * x + m.b * y + m.c);
      ys.push(m.d * x + m.e * y + m.f);
    }
  }
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { ...box, x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Bilinear resampling; what lies outside the source has the value `fill`. */
export function transformImage(image: GreyImage8, m: Affine, fill: number): GreyImage8 {
  const out = new Uint8Array(image.data.length);
  resample(image.data, image, m, fill, (at, value) => {
    out[at] = Math.floor(value + 0.5);
  });
  return { width: image.width, height: image.height, data: out };
}

/** 1 where the bilinearly resampled mask (0 or 1) is at least one half. */
export function transformMask(mask: Uint8Array, size: Size, m: Affine): Uint8Array {
  const out = new Uint8Array(mask.length);
  const binary = mask.map((value) => (value === 0 ? 0 : 1));
  resample(binary, size, m, 0, (at, value) => {
    out[at] = value >= 0.5 ? 1 : 0;
  });
  return out;
}

function resample(
  data: Uint8Array,
  { width, height }: Size,
  m: Affine,
  fill: number,
  put: (at: number, value: number) => void,
): void {
  const determinant = m.a * m.e - m.b * m.d;
  const ia = m.e / determinant;
  const ib = -m.b / determinant;
  const id = -m.d / determinant;
  const ie = m.a / determinant;
  const inside = (x: number, y: number) => (x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x]! : fill);
  for (let y = 0, at = 0; y < height; y++) {
    const dy = y + 0.5 - m.f;
    for (let x = 0; x < width; x++, at++) {
      const dx = x + 0.5 - m.c;
      const sx = ia * dx + ib * dy - 0.5;
      const sy = id * dx + ie * dy - 0.5;
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      const whole = x0 >= 0 && y0 >= 0 && x0 < width - 1 && y0 < height - 1; // all four neighbours are in the source
      const i = y0 * width + x0;
      const v00 = whole ? data[i]! : inside(x0, y0);
      const v10 = whole ? data[i + 1]! : inside(x0 + 1, y0);
      const v01 = whole ? data[i + width]! : inside(x0, y0 + 1);
      const v11 = whole ? data[i + width + 1]! : inside(x0 + 1, y0 + 1);
      const fx = sx - x0;
      const upper = v00 * (1 - fx) + v10 * fx;
      const lower = v01 * (1 - fx) + v11 * fx;
      const fy = sy - y0;
      put(at, upper * (1 - fy) + lower * fy);
    }
  }
}

function snap(value: number): number {
  return Math.round(value * grid) / grid;
}
