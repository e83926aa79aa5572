// Air spaces filled: pneumonia, consolidation, COVID-19, effusion.
import type { Chest } from './chest.js';
import { arc, cageAt } from './chest.js';
import { boxAround, paintDisc, stroke, visitAround, type PixelBox, type Point } from './film.js';
import { takePlace } from './place.js';
import type { Random } from './random.js';
import { dots, smoothstep, valueNoise } from './texture.js';

interface Patch {
  readonly centre: Point;
  readonly radius: number;
  /** Second axis over the first. */
  readonly stretch: number;
  readonly angle: number;
  readonly seed: number;
}

function patchAt(chest: Chest, random: Random, radius: number, side?: number): Patch {
  const stretch = random.between(0.75, 1.3);
  const zone = { ...(side === undefined ? {} : { side }), wall: [0.05, 1] as const, height: [0.12, 0.9] as const };
  const centre = takePlace(chest, random, radius * Math.max(1, stretch), zone);
  return { centre, radius, stretch, angle: random.between(-0.5, 0.5), seed: random.seed() };
}

/** Calls back with the patch's cover (0 to 1) of each pixel near it, and returns the box of what is at least half covered. */
function coverPatch(
  chest: Chest,
  patch: Patch,
  edge: number,
  visit: (index: number, cover: number, du: number, dv: number) => void,
): PixelBox {
  const { size } = chest;
  const cos = Math.cos(patch.angle);
  const sin = Math.sin(patch.angle);
  let left = size;
  let right = -1;
  let top = size;
  let bottom = -1;
  visitAround(chest, [patch.centre], patch.radius * Math.max(1, patch.stretch) * 1.35, (i, u, v) => {
    const du = (cos * (u - patch.centre.u) + sin * (v - patch.centre.v)) / patch.radius;
    const dv = (cos * (v - patch.centre.v) - sin * (u - patch.centre.u)) / (patch.radius * patch.stretch);
    const rim = Math.hypot(du, dv) + 0.16 * valueNoise(patch.seed, 2.2 * du, 2.2 * dv);
    const cover = smoothstep(1 + edge, 1 - edge, rim) * (chest.lung[i] ?? 0);
    if (cover <= 0) return;
    visit(i, cover, du, dv);
    if (cover < 0.5) return;
    const x = i % size;
    const y = (i - x) / size;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  });
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function add(chest: Chest, index: number, amount: number): void {
  chest.density[index] = (chest.density[index] ?? 0) + amount;
}

/** Fluffy, well-edged opacity in one or two places; returns its box(es), tight around what is seen. */
export function drawPneumonia(chest: Chest, random: Random): PixelBox[] {
  const count = random.chance(0.4) ? 2 : 1;
  const first = random.sign();
  const boxes: PixelBox[] = [];
  for (let k = 0; k < count; k++) {
    const patch = patchAt(chest, random, random.between(0.08, 0.115), k === 0 ? first : -first);
    const strength = random.between(0.24, 0.32);
    const box = coverPatch(chest, patch, 0.1, (i, cover, du, dv) => {
      const fluff = valueNoise(patch.seed + 1, 3 * du, 3 * dv * patch.stretch);
      add(chest, i, strength * cover * (0.72 + 0.5 * fluff));
    });
    if (box.width > 0 && box.height > 0) boxes.push(box);
  }
  return boxes;
}

/** A dense patch that shows its bronchi as dark branches. */
export function drawConsolidation(chest: Chest, random: Random): void {
  const patch = patchAt(chest, random, random.between(0.09, 0.12));
  const strength = random.between(0.3, 0.36);
  const weight = new Float32Array(chest.density.length);
  coverPatch(chest, patch, 0.1, (i, cover) => {
    weight[i] = cover;
    add(chest, i, strength * cover);
  });
  const side = Math.sign(patch.centre.u);
  const { radius } = patch;
  const root = { u: patch.centre.u - side * radius * 0.85, v: patch.centre.v - radius * random.between(-0.2, 0.2) };
  for (const bend of [-0.75, 0, 0.75]) {
    const angle = bend + 0.15 * random.normal();
    const tip = { u: root.u + side * 1.7 * radius * Math.cos(angle), v: root.v + 1.7 * radius * Math.sin(angle) };
    stroke(chest, arc(root.u, root.v, tip.u, tip.v, 0.08 * radius), 0.012, -0.34, weight);
  }
}

/** Granular ground-glass patches under the chest wall of both lungs. */
export function drawCovid(chest: Chest, random: Random): void {
  for (const side of [-1, 1]) {
    const count = random.whole(2, 3);
    for (let k = 0; k < count; k++) {
      const radius = random.between(0.055, 0.08);
      const centre = takePlace(chest, random, radius, { side, wall: [0.03, 0.09], height: [0.25, 0.95] });
      const patch: Patch = { centre, radius, stretch: 1.2, angle: 0, seed: random.seed() };
      const strength = random.between(0.15, 0.2);
      coverPatch(chest, patch, 0.3, (i, cover) => {
        const grain = dots(patch.seed, (chest.u[i] ?? 0) / 0.042, (chest.v[i] ?? 0) / 0.042, 0.34);
        add(chest, i, strength * cover * (0.45 + 1.1 * grain));
      });
    }
  }
}

/** Fluid in a costophrenic angle, with a concave upper edge that climbs the chest wall. */
export function drawEffusion(chest: Chest, random: Random): void {
  const side = random.sign();
  const level = chest.base[side < 0 ? 0 : 1] - random.between(-0.01, 0.05);
  const climb = random.between(0.11, 0.17);
  const { u, v, wall, air: lung, density } = chest;
  const strength = chest.anatomy.softTissue * 0.6;
  for (let i = 0; i < u.length; i++) {
    if (chest.side[i] !== side || (lung[i] ?? 0) <= 0) continue;
    const surface = level - climb * Math.exp(-Math.max(0, wall[i] ?? 0) / 0.055);
    const depth = (v[i] ?? 0) - surface;
    if (depth < -0.04) continue;
    const fluid = smoothstep(-0.008, 0.012, depth);
    const line = Math.exp(-(((depth - 0.012) / 0.012) ** 2));
    density[i] = (density[i] ?? 0) + (lung[i] ?? 0) * (strength * fluid + 0.13 * line);
  }
  const bottom = Math.max(chest.base[0], chest.base[1]) + 0.1;
  const { x } = cageAt(chest.anatomy, bottom, level - 0.03);
  chest.taken.push({ u: side * (x - 0.05), v: level, radius: 0.08 });
}

/** A round, sharply edged, faintly lobed shadow of more than 3 cm. */
export function drawMass(chest: Chest, random: Random): PixelBox[] {
  const radius = random.between(0.06, 0.08);
  const centre = takePlace(chest, random, radius, { wall: [0.05, 1] });
  const phase = random.between(0, 6);
  const strength = random.between(0.28, 0.36);
  paintDisc(chest, centre, radius, 1.4, (d, du, dv) => {
    const lobes = 1 + 0.05 * Math.sin(4 * Math.atan2(dv, du) + phase);
    // The halo takes back what the disc adds, so that the mass is an edge more than a bright region.
    return strength * smoothstep(1.06 * lobes, 0.9 * lobes, d) - 0.08 * Math.exp(-(((d - 1.15) / 0.16) ** 2));
  });
  return [boxAround(chest, [centre], radius)];
}

/** A few small round shadows. */
export function drawNodules(chest: Chest, random: Random): PixelBox[] {
  const count = random.whole(2, 4);
  const boxes: PixelBox[] = [];
  for (let k = 0; k < count; k++) {
    const radius = random.between(0.021, 0.027);
    const centre = takePlace(chest, random, radius + 0.02, { wall: [0.03, 1] });
    const strength = random.between(0.32, 0.4);
    paintDisc(
      chest,
      centre,
      radius,
      2,
      (d) => strength * smoothstep(1.25, 0.75, d) - 0.07 * Math.exp(-(((d - 1.5) / 0.3) ** 2)),
    );
    boxes.push(boxAround(chest, [centre], radius));
  }
  return boxes;
}
