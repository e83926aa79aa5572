// Air spaces filled: pneumonia, consolidation, COVID-19, effusion.
import type { Chest } from './chest-maps.js';

import { arc, boxAround, paintDisc, stroke, visitAround, type PixelBox, type Point } from './film.js';
import { cageAt, cageBottom } from './lung-maps.js';
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
    const rim = Math.sqrt(du * du + dv * dv) + 0.16 * valueNoise(patch.seed, 2.2 * du, 2.2 * dv);
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
  const count = random.chance(0.6) ? 2 : 1;
  const first = random.sign();
  const boxes: PixelBox[] = [];
  for (let k = 0; k < count; k++) {
    const patch = patchAt(chest, random, random.between(0.092, 0.125), k === 0 ? first : -first);
    const strength = random.between(0.36, 0.44);
    const box = coverPatch(chest, patch, 0.1, (i, cover, du, dv) => {
      const fluff = smoothstep(-0.25, 0.25, valueNoise(patch.seed + 1, 2.4 * du, 2.4 * dv * patch.stretch));
      add(chest, i, strength * cover * (0.22 + 1.0 * fluff));
    });
    if (box.width > 0 && box.height > 0) boxes.push(box);
  }
  return boxes;
}

/** A dense patch that shows its bronchi as dark branches. */
export function drawConsolidation(chest: Chest, random: Random): void {
  const first = random.sign();
  for (const side of random.chance(0.8) ? [first, -first] : [first]) consolidate(chest, random, side);
}

function consolidate(chest: Chest, random: Random, place: number): void {
  const patch = patchAt(chest, random, random.between(0.095, 0.125), place);
  const strength = random.between(0.34, 0.42);
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
    stroke(chest, arc(root.u, root.v, tip.u, tip.v, 0.08 * radius), 0.0145, -0.46, weight);
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
        add(chest, i, strength * cover * (1.8 * grain - 0.5));
      });
    }
  }
}

/** Fluid in a costophrenic angle, with a concave upper edge that climbs the chest wall. */
export function drawEffusion(chest: Chest, random: Random): void {
  const first = random.sign();
  for (const side of random.chance(0.7) ? [first, -first] : [first]) fillAngle(chest, random, side);
}

function fillAngle(chest: Chest, random: Random, side: number): void {
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
    // A dark band over the bright edge, as the eye sees it.
    const above = Math.exp(-(((depth + 0.022) / 0.014) ** 2));
    const line = Math.exp(-(((depth - 0.01) / 0.013) ** 2));
    density[i] = (density[i] ?? 0) + (lung[i] ?? 0) * (strength * fluid + 0.36 * line - 0.2 * above);
  }
  const { x } = cageAt(chest.anatomy, cageBottom(chest.base), level - 0.03);
  chest.taken.push({ u: side * (x - 0.05), v: level, radius: 0.08 });
}

/** Round shadows of more than 3 cm with spicules, as tumours have: one, or one a side. */
export function drawMass(chest: Chest, random: Random): PixelBox[] {
  const first = random.sign();
  return (random.chance(0.8) ? [first, -first] : [first]).map((side) => drawTumour(chest, random, side));
}

function drawTumour(chest: Chest, random: Random, side: number): PixelBox {
  const radius = random.between(0.058, 0.076);
  const centre = takePlace(chest, random, radius * 1.3, { side, wall: [0.06, 1] });
  const strength = random.between(0.42, 0.5);
  paintDisc(
    chest,
    centre,
    radius,
    1.5,
    (d) =>
      strength * smoothstep(1.06, 0.88, d) +
      0.35 * smoothstep(0.65, 0.45, d) -
      0.12 * Math.exp(-(((d - 1.2) / 0.2) ** 2)),
  );
  const spicules = random.whole(9, 11);
  const turn = random.between(0, 1);
  for (let k = 0; k < spicules; k++) {
    const angle = (2 * Math.PI * (k + turn)) / spicules;
    const at = (r: number): Point => ({ u: centre.u + r * Math.cos(angle), v: centre.v + r * Math.sin(angle) });
    stroke(chest, [at(radius), at(radius * random.between(1.45, 1.75))], 0.0115, 0.34);
  }
  return boxAround(chest, [centre], radius * 1.3);
}

/** Smooth shadows without an edge or a texture: soft tissue in front of a lung, and no finding. */
export function drawSoftShadows(chest: Chest, random: Random): void {
  const count = random.whole(1, 2);
  for (let k = 0; k < count; k++) {
    const radius = random.between(0.1, 0.14);
    const centre = takePlace(chest, random, radius, { wall: [0.05, 1], height: [0.12, 0.9] });
    const strength = random.between(0.18, 0.28);
    paintDisc(chest, centre, radius, 2, (d, _du, _dv, i) => strength * Math.exp(-1.6 * d * d) * (chest.lung[i] ?? 0));
  }
  // They may lie under a finding.
  chest.taken.length = 0;
}

/** A few small round shadows. */
export function drawNodules(chest: Chest, random: Random): PixelBox[] {
  const count = random.whole(4, 6);
  const boxes: PixelBox[] = [];
  for (let k = 0; k < count; k++) {
    const radius = random.between(0.022, 0.028);
    const centre = takePlace(chest, random, radius + 0.02, { wall: [0.03, 1] });
    const strength = random.between(0.44, 0.52);
    paintDisc(
      chest,
      centre,
      radius,
      2,
      (d) => strength * smoothstep(1.25, 0.75, d) - 0.12 * Math.exp(-(((d - 1.5) / 0.3) ** 2)),
    );
    boxes.push(boxAround(chest, [centre], radius));
  }
  return boxes;
}
