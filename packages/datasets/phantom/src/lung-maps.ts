// Where the lungs are: for every pixel, how far it is from chest wall and diaphragm.
import type { Anatomy } from './anatomy.js';
import type { Chest } from './chest-maps.js';
import { smoothstep } from './texture.js';

/** Distance of the lungs' inner edge from the midline. */
const MEDIAL = 0.05;

/** Half width of the rib cage at height `v`, and its slope dx/dv. */
export function cageAt(anatomy: Anatomy, bottom: number, v: number): { x: number; slope: number } {
  const t = Math.max(0.001, Math.min(1, (v - anatomy.apex) / (bottom - anatomy.apex)));
  const rise = 1 - (1 - t) ** 2.6;
  const x = anatomy.halfWidth * rise ** 0.52;
  const slope = (anatomy.halfWidth * 0.52 * rise ** -0.48 * 2.6 * (1 - t) ** 1.6) / (bottom - anatomy.apex);
  return { x, slope };
}

/** Height at which the rib cage is widest. */
export function cageBottom(base: readonly [number, number]): number {
  return Math.max(base[0], base[1]) + 0.1;
}

const STEPS = 1024;

/** Fills `side`, `lung`, `wall` and `aboveBase`. `drop`: how far the costophrenic angles lie below the domes. */
export function measureLungs(chest: Chest, drop: number): void {
  const { anatomy, u, v } = chest;
  const bottom = cageBottom(chest.base);
  const middle = 0.5 * (MEDIAL + anatomy.halfWidth);
  const half = anatomy.halfWidth - middle;
  const edges = new Float64Array(STEPS + 2);
  const shrinks = new Float64Array(STEPS + 2);
  const tall = bottom - anatomy.apex;
  for (let k = 0; k < edges.length; k++) {
    const { x, slope } = cageAt(anatomy, bottom, anatomy.apex + (k / STEPS) * tall);
    edges[k] = x;
    shrinks[k] = 1 / Math.sqrt(1 + Math.min(slope, 6) ** 2);
  }
  for (let i = 0; i < u.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const left = x < 0;
    const a = Math.abs(x);
    const at = Math.max(0, Math.min(1, (y - anatomy.apex) / tall)) * STEPS;
    const k = Math.floor(at);
    const part = at - k;
    const edge = (edges[k] ?? 0) * (1 - part) + (edges[k + 1] ?? 0) * part;
    const wall = y < anatomy.apex ? -0.05 - (anatomy.apex - y) : (edge - a) * (shrinks[k] ?? 1);
    const dome = (a - middle) / half;
    const aboveBase = chest.base[left ? 0 : 1] + drop * dome * dome - y;
    chest.side[i] = left ? -1 : 1;
    chest.wall[i] = wall;
    chest.aboveBase[i] = aboveBase;
    chest.lung[i] = smoothstep(-0.006, 0.014, Math.min(wall, aboveBase, a - MEDIAL));
  }
}
