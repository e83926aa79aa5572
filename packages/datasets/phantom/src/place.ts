// Where a finding goes: inside a lung, by zone, away from what is drawn already.
import type { Chest } from './chest-maps.js';
import type { Point } from './film.js';
import type { Random } from './random.js';

export interface Zone {
  /** -1 image left, 1 image right; both when absent. */
  readonly side?: number;
  /** Nearest and farthest distance from the chest wall. */
  readonly wall?: readonly [number, number];
  /** Height in the lung: 0 at the apex, 1 at the base. */
  readonly height?: readonly [number, number];
}

/** The freest of a dozen random places in `zone`; the place is taken from then on. */
export function takePlace(chest: Chest, random: Random, radius: number, zone: Zone = {}): Point {
  const { lung, wall, aboveBase, anatomy } = chest;
  const [low, high] = zone.height ?? [0.08, 0.95];
  const [near, far] = zone.wall ?? [0.02, 1];
  let best: Point = { u: (zone.side ?? 1) * 0.2, v: 0.5 };
  let bestScore = -Infinity;
  let candidates = 0;
  for (let attempt = 0; attempt < 400 && candidates < 24; attempt++) {
    const i = random.whole(0, lung.length - 1);
    if ((lung[i] ?? 0) < 0.9 || chest.blocked[i] === 1 || (zone.side !== undefined && chest.side[i] !== zone.side))
      continue;
    const u = chest.u[i] ?? 0;
    const v = chest.v[i] ?? 0;
    const fromWall = wall[i] ?? 0;
    const height = (v - anatomy.apex) / (v + (aboveBase[i] ?? 0) - anatomy.apex);
    if (fromWall < near || fromWall > far || height < low || height > high) continue;
    if (inHeart(chest, u, v)) continue;
    candidates += 1;
    let clearance = 0.12;
    for (const other of chest.taken) {
      clearance = Math.min(clearance, Math.hypot(u - other.u, v - other.v) - other.radius - radius);
    }
    if (clearance > bestScore) {
      bestScore = clearance;
      best = { u, v };
    }
  }
  chest.taken.push({ ...best, radius });
  return best;
}

function inHeart(chest: Chest, u: number, v: number): boolean {
  const { heart } = chest;
  return Math.hypot((u - heart.u) / heart.radiusU, (v - heart.v) / heart.radiusV) < 1.05;
}
