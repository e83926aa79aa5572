// The lung's framework: infiltration, oedema, fibrosis, emphysema, atelectasis.
import type { Chest } from './chest-maps.js';
import { arc, paintDisc, stroke, visitAround } from './film.js';
import { takePlace } from './place.js';
import type { Random } from './random.js';
import { dots, honeycomb, smoothstep } from './texture.js';

/** A haze of fine grains and crossing lines in one zone. */
export function drawInfiltration(chest: Chest, random: Random): void {
  const first = random.sign();
  for (const side of random.chance(0.7) ? [first, -first] : [first]) infiltrate(chest, random, side);
}

function infiltrate(chest: Chest, random: Random, side: number): void {
  const radius = random.between(0.115, 0.145);
  const centre = takePlace(chest, random, radius, { side, wall: [0.06, 1], height: [0.12, 0.85] });
  const seed = random.seed();
  const period = random.between(0.043, 0.048);
  visitAround(chest, [centre], radius * 1.2, (i, u, v) => {
    const cover =
      smoothstep(1.1, 0.8, Math.sqrt((u - centre.u) ** 2 + (v - centre.v) ** 2) / radius) * (chest.lung[i] ?? 0);
    const grain = dots(seed, u / period, v / period, 0.33);
    chest.density[i] = (chest.density[i] ?? 0) + cover * (0.6 * grain - 0.16);
  });
}

/** Kerley lines (short, level, stacked against the wall) in both lungs, and streaks around the hila. */
export function drawEdema(chest: Chest, random: Random): void {
  const period = random.between(0.045, 0.052);
  for (const side of [-1, 1]) {
    const phase = random.between(0, 2 * Math.PI);
    const base = chest.base[side < 0 ? 0 : 1];
    const lowest = base + random.between(-0.05, 0.03);
    const tall = random.between(0.22, 0.3);
    const { u, v, lung, wall, density } = chest;
    for (let i = 0; i < u.length; i++) {
      if (chest.side[i] !== side || (lung[i] ?? 0) <= 0) continue;
      const y = v[i] ?? 0;
      const up =
        smoothstep(lowest - tall - 0.02, lowest - tall + 0.01, y) * smoothstep(lowest + 0.02, lowest - 0.01, y);
      const out = smoothstep(0.095, 0.075, wall[i] ?? 1);
      density[i] = (density[i] ?? 0) + 0.23 * up * out * (lung[i] ?? 0) * Math.sin((2 * Math.PI * y) / period + phase);
    }
    const hilum = { u: side * 0.1, v: base - 0.27 };
    paintDisc(chest, hilum, 0.1, 1.2, (d) => -0.038 * smoothstep(1.2, 0.8, d));
    for (let k = 0; k < 5; k++) {
      const angle = -1 + 0.5 * k + 0.1 * random.normal();
      const from = { u: hilum.u + side * 0.02 * Math.cos(angle), v: hilum.v + 0.02 * Math.sin(angle) };
      const to = { u: hilum.u + side * 0.1 * Math.cos(angle), v: hilum.v + 0.1 * Math.sin(angle) };
      stroke(chest, [from, to], 0.014, 0.12, lung);
    }
  }
}

/** Honeycomb in the bases. */
export function drawFibrosis(chest: Chest, random: Random): void {
  const period = random.between(0.058, 0.066);
  const sides = random.chance(0.75) ? [-1, 1] : [random.sign()];
  for (const side of sides) {
    const radius = random.between(0.1, 0.13);
    const centre = takePlace(chest, random, radius, { side, wall: [0.03, 0.16], height: [0.5, 0.95] });
    const [pu, pv] = [random.between(0, 1), random.between(0, 1)];
    visitAround(chest, [centre], radius * 1.2, (i, u, v) => {
      const cover =
        smoothstep(1.1, 0.85, Math.sqrt((u - centre.u) ** 2 + (v - centre.v) ** 2) / radius) * (chest.lung[i] ?? 0);
      chest.density[i] = (chest.density[i] ?? 0) + cover * 0.5 * (honeycomb(u / period + pu, v / period + pv) - 0.5);
    });
  }
}

/** Bullae: round, thin-walled, darker than the lung. The flat diaphragm and the thin vessels are set where the chest is drawn. */
export function drawEmphysema(chest: Chest, random: Random): void {
  const count = random.whole(4, 6);
  for (let k = 0; k < count; k++) {
    const radius = random.between(0.04, 0.058);
    const centre = takePlace(chest, random, radius, { wall: [0.02, 1], height: [0.05, 0.75] });
    paintDisc(chest, centre, radius, 1.8, (d, _du, _dv, i) => {
      const shell = Math.exp(-((((d - 1) * radius) / 0.012) ** 2));
      return (chest.lung[i] ?? 0) * (0.3 * shell - 0.15 * smoothstep(1, 0.8, d));
    });
  }
}

/** Two to four plates of collapsed lung: straight bands that rise towards the chest wall, against the run of the ribs. */
export function drawAtelectasis(chest: Chest, random: Random): void {
  const first = random.sign();
  for (const side of random.chance(0.8) ? [first, -first] : [first]) collapse(chest, random, side);
}

function collapse(chest: Chest, random: Random, side: number): void {
  const count = random.whole(3, 4);
  const tilt = random.between(0.25, 0.6);
  const centre = takePlace(chest, random, 0.09, { side, wall: [0.09, 1], height: [0.35, 0.85] });
  for (let k = 0; k < count; k++) {
    const half = random.between(0.085, 0.115);
    const angle = -tilt + 0.06 * random.normal();
    const v = centre.v + 0.058 * (k - (count - 1) / 2);
    const path = arc(
      centre.u - side * half * Math.cos(angle),
      v - half * Math.sin(angle),
      centre.u + side * half * Math.cos(angle),
      v + half * Math.sin(angle),
      0.006,
    );
    stroke(chest, path, 0.034, -0.13, chest.lung);
    stroke(chest, path, 0.0155, 0.38, chest.lung);
  }
}
