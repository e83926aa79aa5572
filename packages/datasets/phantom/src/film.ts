// The film being drawn: a density map with anatomical coordinates for every pixel, and the strokes that findings are made of.
import type { FilmPose } from './anatomy.js';

export interface Point {
  readonly u: number;
  readonly v: number;
}

export interface Film {
  /** Pixels a side. */
  readonly size: number;
  /** Attenuation, about 0 (air) to 1 (bone over heart); [size * size], row-major. */
  readonly density: Float32Array;
  /** Anatomical coordinates of the pixel centres. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  readonly pose: FilmPose;
}

export function createFilm(size: number, pose: FilmPose): Film {
  const u = new Float32Array(size * size);
  const v = new Float32Array(size * size);
  const cos = Math.cos(pose.rotation) / pose.scale;
  const sin = Math.sin(pose.rotation) / pose.scale;
  for (let y = 0, i = 0; y < size; y++) {
    const dy = (y + 0.5) / size - 0.5 - pose.shiftY;
    for (let x = 0; x < size; x++, i++) {
      const dx = (x + 0.5) / size - 0.5 - pose.shiftX;
      u[i] = cos * dx + sin * dy;
      v[i] = cos * dy - sin * dx + 0.5;
    }
  }
  return { size, density: new Float32Array(size * size), u, v, pose };
}

/** Calls `visit(index, u, v)` for every pixel of the box around `points` grown by `reach` (anatomical units). */
export function visitAround(
  film: Film,
  points: readonly Point[],
  reach: number,
  visit: (index: number, u: number, v: number) => void,
): void {
  const { size } = film;
  const { left, right, top, bottom } = reachOf(film, points, reach);
  const x0 = Math.max(0, Math.floor(left));
  const x1 = Math.min(size - 1, Math.ceil(right));
  const y0 = Math.max(0, Math.floor(top));
  const y1 = Math.min(size - 1, Math.ceil(bottom));
  for (let y = y0; y <= y1; y++) {
    for (let x = x0, i = y * size + x0; x <= x1; x++, i++) visit(i, film.u[i] ?? 0, film.v[i] ?? 0);
  }
}

/** Distance from (u, v) to the polyline through `points`. */
export function distanceToPath(points: readonly Point[], u: number, v: number): number {
  let nearest = Infinity;
  for (let k = 1; k < points.length; k++) {
    const a = points[k - 1];
    const b = points[k];
    if (!a || !b) continue;
    const du = b.u - a.u;
    const dv = b.v - a.v;
    const along = Math.max(0, Math.min(1, ((u - a.u) * du + (v - a.v) * dv) / (du * du + dv * dv + 1e-12)));
    const eu = u - a.u - along * du;
    const ev = v - a.v - along * dv;
    nearest = Math.min(nearest, eu * eu + ev * ev);
  }
  return Math.sqrt(nearest);
}

/** A line of Gaussian profile (`width` = distance at which it has fallen to 1/e), weighted by `weight` (a map over the film) where given. */
export function stroke(
  film: Film,
  points: readonly Point[],
  width: number,
  amount: number,
  weight?: Float32Array,
): void {
  visitAround(film, points, 2.2 * width, (i, u, v) => {
    const d = distanceToPath(points, u, v) / width;
    if (d < 2.2) film.density[i] = (film.density[i] ?? 0) + amount * Math.exp(-d * d) * (weight?.[i] ?? 1);
  });
}

/** Adds `amount(relative radius)` inside an ellipse; the callback sees 0 in the centre and 1 on the rim. */
export function paintDisc(
  film: Film,
  centre: Point,
  radius: number,
  reach: number,
  amount: (distance: number, du: number, dv: number, index: number) => number,
): void {
  visitAround(film, [centre], radius * reach, (i, u, v) => {
    const du = (u - centre.u) / radius;
    const dv = (v - centre.v) / radius;
    const distance = Math.sqrt(du * du + dv * dv);
    if (distance < reach) film.density[i] = (film.density[i] ?? 0) + amount(distance, du, dv, i);
  });
}

/** Five points from (u0, v0) to (u1, v1), bowed by `bow` across. */
export function arc(u0: number, v0: number, u1: number, v1: number, bow: number): Point[] {
  const length = Math.hypot(u1 - u0, v1 - v0) || 1;
  return [0, 0.25, 0.5, 0.75, 1].map((t) => ({
    u: u0 + t * (u1 - u0) - ((v1 - v0) / length) * bow * 4 * t * (1 - t),
    v: v0 + t * (v1 - v0) + ((u1 - u0) / length) * bow * 4 * t * (1 - t),
  }));
}

/** Pixels of a box: left and top edge, width and height. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The box of what lies within `reach` (anatomical units) of `points`, cut to the film. */
export function boxAround(film: Film, points: readonly Point[], reach: number): PixelBox {
  const { left, right, top, bottom } = reachOf(film, points, reach);
  const [x0, x1] = [Math.max(0, Math.round(left)), Math.min(film.size, Math.round(right))];
  const [y0, y1] = [Math.max(0, Math.round(top)), Math.min(film.size, Math.round(bottom))];
  return { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
}

/** Extent in pixels of `points` grown by `reach`. */
function reachOf(
  film: Film,
  points: readonly Point[],
  reach: number,
): { left: number; right: number; top: number; bottom: number } {
  const { size, pose } = film;
  const cos = Math.cos(pose.rotation) * pose.scale;
  const sin = Math.sin(pose.rotation) * pose.scale;
  const xs = points.map((point) => size * (0.5 + pose.shiftX + cos * point.u - sin * (point.v - 0.5)));
  const ys = points.map((point) => size * (0.5 + pose.shiftY + sin * point.u + cos * (point.v - 0.5)));
  const grow = reach * pose.scale * size;
  return {
    left: Math.min(...xs) - grow,
    right: Math.max(...xs) + grow,
    top: Math.min(...ys) - grow,
    bottom: Math.max(...ys) + grow,
  };
}
