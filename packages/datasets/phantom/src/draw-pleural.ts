// Along the edges: pneumothorax, pleural thickening, hernia, the large heart's double contour.
import type { Chest } from './chest-maps.js';
import { boxAround, paintDisc, stroke, type PixelBox } from './film.js';
import { cageAt, cageBottom } from './lung-maps.js';
import type { Random } from './random.js';
import { smoothstep, valueNoise } from './texture.js';

/**
 * Free air on one side: a crescent from the apex down the lateral wall, without vessels or grain, bordered by the pleural line.
 * Drawn before the other findings, which then keep out of it. Returns its mask: 1 inside; [size * size].
 */
export function drawPneumothorax(chest: Chest, random: Random): Uint8Array {
  const side = random.sign();
  const { u, v, lung, wall, anatomy, size, density, bare } = chest;
  const base = chest.base[side < 0 ? 0 : 1];
  const width = random.between(0.095, 0.15);
  const reach = random.between(0.72, 1.04);
  const shape = random.between(0.4, 0.8);
  const seed = random.seed();
  const mask = new Uint8Array(size * size);
  const offset = new Float32Array(size * size).fill(1);
  for (let i = 0; i < u.length; i++) {
    if (chest.side[i] !== side || (lung[i] ?? 0) <= 0.02) continue;
    const y = v[i] ?? 0;
    const t = (y - anatomy.apex) / (base - anatomy.apex) / reach;
    // Wide at the apex, gone at `reach`.
    const gap = width * Math.max(0, 1 - t) ** shape * (1 + 0.08 * valueNoise(seed, y * 9, 0.5)) - 0.004;
    const outside = gap - (wall[i] ?? 0);
    offset[i] = outside;
    if (outside > 0 && (lung[i] ?? 0) > 0.5) mask[i] = 1;
  }
  chest.taken.push(
    ...[0.15, 0.35, 0.55].map((h) => {
      const y = anatomy.apex + h * (base - anatomy.apex);
      return { u: side * (cageAt(anatomy, cageBottom(chest.base), y).x - 0.05), v: y, radius: 0.06 };
    }),
  );
  for (let i = 0; i < mask.length; i++) {
    const d = offset[i] ?? 1;
    if (d === 1) continue;
    const free = smoothstep(-0.004, 0.008, d);
    const line = Math.exp(-((d / 0.0135) ** 2)) * (lung[i] ?? 0);
    density[i] = (density[i] ?? 0) * (1 - free) + (bare[i] ?? 0) * free + 0.46 * line - 0.05 * free;
  }
  chest.blocked = mask;
  chest.freeSide = side;
  return mask;
}

/** A lumpy, calcified rim inside the lateral chest wall. */
export function drawPleuralThickening(chest: Chest, random: Random): void {
  const { u, v, lung, wall, anatomy, density } = chest;
  const both = chest.freeSide === 0 && random.chance(0.75);
  const first = -chest.freeSide || random.sign();
  for (const side of both ? [first, -first] : [first]) {
    const base = chest.base[side < 0 ? 0 : 1];
    const tall = random.between(0.3, 0.4);
    const top = random.between(anatomy.apex + 0.1, base - tall);
    const phase = random.between(0, 2 * Math.PI);
    const thick = random.between(0.034, 0.042);
    for (let i = 0; i < u.length; i++) {
      if (chest.side[i] !== side || (lung[i] ?? 0) <= 0) continue;
      const y = v[i] ?? 0;
      const d = wall[i] ?? 1;
      if (d > 0.1) continue;
      const along = smoothstep(top - 0.015, top + 0.015, y) * smoothstep(top + tall + 0.015, top + tall - 0.015, y);
      const lumps = thick * (1 + 0.6 * Math.sin((2 * Math.PI * y) / 0.08 + phase));
      const rim = smoothstep(lumps + 0.006, lumps - 0.006, d);
      const shell = Math.exp(-(((d - lumps) / 0.011) ** 2));
      density[i] = (density[i] ?? 0) + (lung[i] ?? 0) * along * (0.28 * rim + 0.3 * shell);
    }
    chest.taken.push({ u: side * (anatomy.halfWidth - 0.03), v: top + tall / 2, radius: 0.1 });
  }
}

/** A gas-filled pouch behind the heart: a ring with a level, air above and fluid below. */
export function drawHernia(chest: Chest, random: Random): void {
  const radius = random.between(0.058, 0.072);
  const centre = {
    u: chest.heart.u + random.between(-0.06, 0.05),
    v: chest.heart.v + random.between(-0.03, 0.05),
  };
  const level = random.between(-0.1, 0.35);
  paintDisc(chest, centre, radius, 1.6, (d, _du, dv) => {
    const shell = Math.exp(-((((d - 1) * radius) / 0.013) ** 2));
    const inside = smoothstep(1, 0.85, d);
    const gas = smoothstep(level + 0.1, level - 0.1, dv);
    return 0.26 * shell + inside * (-0.36 * gas + 0.06 * (1 - gas));
  });
}

/** Contours inside the borders of a large heart, as of an enlarged atrium: bright lines with a darker stripe between. */
export function drawDoubleContour(chest: Chest, random: Random): PixelBox[] {
  const { heart } = chest;
  const strength = random.between(0.2, 0.24);
  const contour = (share: number, amount: number): void => {
    for (const middle of [0, Math.PI]) {
      const { radiusU, radiusV } = heart;
      const line = arcOfEllipse(heart.u, heart.v, radiusU * share, radiusV * share, middle - 1.15, middle + 1.15);
      stroke(chest, line, 0.013, amount);
    }
  };
  contour(0.82, strength);
  contour(0.66, -strength);
  contour(0.5, strength);
  const corners = [-1, 1].map((k) => ({ u: heart.u + k * heart.radiusU, v: heart.v + k * heart.radiusV }));
  return [boxAround(chest, corners, 0)];
}

function arcOfEllipse(
  u: number,
  v: number,
  ru: number,
  rv: number,
  from: number,
  to: number,
): { u: number; v: number }[] {
  return Array.from({ length: 17 }, (_, k) => {
    const t = from + ((to - from) * k) / 16;
    return { u: u + ru * Math.cos(t), v: v + rv * Math.sin(t) };
  });
}
