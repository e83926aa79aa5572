import type { Box } from '../geometry/box.js';
import type { Size } from '../grey-image.js';

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
  /** Fraction of the width and of the height, last but the crop. */
  readonly translateX: number;
  readonly translateY: number;
  /** What is cut out, last, and drawn at the full size: the whole image where absent. */
  readonly crop?: CropParameters | undefined;
}

/** A window as fractions of the image. */
export interface CropParameters {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const grid = 2 ** 24;

/** Flip, scale and rotation about the middle of the image, then translation, then crop. */
export function affineOf(parameters: AffineParameters, size: Size): Affine {
  const m = uncropped(parameters, size);
  const { crop } = parameters;
  if (crop === undefined) return m;
  const across = snap(1 / crop.width);
  const down = snap(1 / crop.height);
  return {
    a: across * m.a,
    b: across * m.b,
    c: across * (m.c - snap(crop.x * size.width)),
    d: down * m.d,
    e: down * m.e,
    f: down * (m.f - snap(crop.y * size.height)),
  };
}

function uncropped(parameters: AffineParameters, { width, height }: Size): Affine {
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

/** The same change backwards. */
export function inverseOf({ a, b, c, d, e, f }: Affine): Affine {
  const determinant = a * e - b * d;
  const [ia, ib, id, ie] = [e / determinant, -b / determinant, -d / determinant, a / determinant];
  return { a: ia, b: ib, c: -(ia * c + ib * f), d: id, e: ie, f: -(id * c + ie * f) };
}

/** Sines, powers and quotients may differ in the last bit from one JavaScript engine to the next; on this grid they do not. */
export function snap(value: number): number {
  return Math.round(value * grid) / grid;
}
