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

/**
 * Bilinear resampling; what lies outside the source has the value `fill`.
 * @param table what becomes of each resampled value, [256]
 */
export function transformImage(image: GreyImage8, m: Affine, fill: number, table: Uint8Array = UNCHANGED): GreyImage8 {
  const { width, height } = image;
  return { width, height, data: resample(image.data, image, m, fill, table) };
}

const UNCHANGED: Uint8Array = Uint8Array.from({ length: 256 }, (_, value) => value);

/** 1 where the bilinearly resampled mask (0 or 1) is at least one half. */
export function transformMask(mask: Uint8Array, size: Size, m: Affine): Uint8Array {
  const binary = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) binary[i] = mask[i] === 0 ? 0 : 1;
  return resample(binary, size, m, 0, UNCHANGED);
}

/** [height * width], rounded half up, then looked up. */
function resample(data: Uint8Array, { width, height }: Size, m: Affine, fill: number, table: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  const determinant = m.a * m.e - m.b * m.d;
  const ia = m.e / determinant;
  const ib = -m.b / determinant;
  const id = -m.d / determinant;
  const ie = m.a / determinant;
  const inside = (x: number, y: number) => (x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x]! : fill);
  for (let y = 0, at = 0; y < height; y++) {
    const dy = y + 0.5 - m.f;
    const bx = ib * dy;
    const by = ie * dy;
    for (let x = 0; x < width; x++, at++) {
      const dx = x + 0.5 - m.c;
      const sx = ia * dx + bx - 0.5;
      const sy = id * dx + by - 0.5;
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
      out[at] = table[(upper * (1 - fy) + lower * fy + 0.5) | 0]!;
    }
  }
  return out;
}

function snap(value: number): number {
  return Math.round(value * grid) / grid;
}
