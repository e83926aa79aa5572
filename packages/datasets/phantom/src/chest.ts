// A frontal chest: body, lungs, heart, mediastinum, ribs, clavicles, scapulae, vessels. Findings are drawn on top of it.
import type { Anatomy, FilmPose, PhantomView } from './anatomy.js';
import { createFilm, paintDisc, stroke, type Film, type Point } from './film.js';
import { seededRandom, type Random } from './random.js';
import { smoothstep, valueNoise } from './texture.js';

/** What findings change in the anatomy itself, before it is drawn. */
export interface ChestChanges {
  /** Factor on the heart's radius. */
  readonly heart: number;
  /** Factor on the depth of the costophrenic angles: flat in emphysema. */
  readonly dome: number;
  /** Factor on the vessels. */
  readonly vessels: number;
}

export interface Chest extends Film {
  /** Which half: -1 image left, 1 image right. */
  readonly side: Int8Array;
  /** 1 in the lung fields, 0 outside, soft between; [size * size]. */
  readonly lung: Float32Array;
  /** `lung` without what lies over heart and mediastinum. */
  readonly air: Float32Array;
  /** Distance inwards from the inner chest wall; negative outside. */
  readonly wall: Float32Array;
  /** Distance upwards from the diaphragm; negative below it. */
  readonly aboveBase: Float32Array;
  /** The density without vessels, grain and findings: what is seen where there is air but no lung. */
  readonly bare: Float32Array;
  /** 1 where nothing may be drawn, since free air lies there. */
  blocked: Uint8Array;
  /** The side of the free air, 0 when there is none. */
  freeSide: number;
  /** Places taken by findings, so that the next one goes elsewhere. */
  readonly taken: { u: number; v: number; radius: number }[];
  readonly anatomy: Anatomy;
  readonly base: readonly [number, number];
  readonly heart: { readonly u: number; readonly v: number; readonly radiusU: number; readonly radiusV: number };
}

const MEDIAL = 0.05;

/** Half width of the rib cage at height `v`, and its slope dx/dv. */
export function cageAt(anatomy: Anatomy, bottom: number, v: number): { x: number; slope: number } {
  const t = Math.max(0.001, Math.min(1, (v - anatomy.apex) / (bottom - anatomy.apex)));
  const rise = 1 - (1 - t) ** 2.6;
  const x = anatomy.halfWidth * rise ** 0.52;
  const slope = (anatomy.halfWidth * 0.52 * rise ** -0.48 * 2.6 * (1 - t) ** 1.6) / (bottom - anatomy.apex);
  return { x, slope };
}

export function drawChest(
  size: number,
  anatomy: Anatomy,
  pose: FilmPose,
  view: PhantomView,
  changes: ChestChanges,
  random: Random,
): Chest {
  const film = createFilm(size, pose);
  const n = size * size;
  const base: [number, number] = [anatomy.diaphragm[0] + pose.breath[0], anatomy.diaphragm[1] + pose.breath[1]];
  const apScale = view === 'AP' ? 1.12 : 1;
  const radiusU = anatomy.heartRadius * apScale * changes.heart;
  const chest: Chest = {
    ...film,
    side: new Int8Array(n),
    lung: new Float32Array(n),
    air: new Float32Array(n),
    wall: new Float32Array(n),
    aboveBase: new Float32Array(n),
    bare: new Float32Array(n),
    blocked: new Uint8Array(n),
    freeSide: 0,
    taken: [],
    anatomy,
    base,
    heart: { u: anatomy.heartCentre, v: base[1] - 0.1 + 0.03 * (changes.heart - 1), radiusU, radiusV: radiusU * 1.02 },
  };
  const drop = anatomy.domeDrop * changes.dome;
  const bottom = Math.max(base[0], base[1]) + 0.1;
  measureLungs(chest, drop, bottom);
  paintSoftTissue(chest, random, view);
  paintBones(chest, view);
  chest.bare.set(chest.density);
  paintGrain(chest, random);
  paintVessels(chest, changes.vessels);
  return chest;
}

function measureLungs(chest: Chest, drop: number, bottom: number): void {
  const { anatomy, u, v } = chest;
  const middle = 0.5 * (MEDIAL + anatomy.halfWidth);
  const half = anatomy.halfWidth - middle;
  for (let i = 0; i < u.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const side = x < 0 ? 0 : 1;
    const a = Math.abs(x);
    const { x: edge, slope } = cageAt(anatomy, bottom, y);
    const wall = y < anatomy.apex ? -0.05 - (anatomy.apex - y) : (edge - a) / Math.sqrt(1 + Math.min(slope, 6) ** 2);
    const dome = ((a - middle) / half) ** 2;
    const aboveBase = chest.base[side] + drop * dome - y;
    chest.side[i] = side === 0 ? -1 : 1;
    chest.wall[i] = wall;
    chest.aboveBase[i] = aboveBase;
    chest.lung[i] = smoothstep(-0.006, 0.014, Math.min(wall, aboveBase, a - MEDIAL));
  }
}

function paintSoftTissue(chest: Chest, random: Random, view: PhantomView): void {
  const { anatomy, heart, u, v, density } = chest;
  const knobU = 0.05 + anatomy.aortaRadius * 0.4;
  const knobV = anatomy.apex + 0.17;
  const hazeSeed = random.seed();
  const haze = random.between(0.02, 0.06);
  const sideHaze: [number, number] = [0.045 * random.normal(), 0.045 * random.normal()];
  const shoulder = anatomy.apex - random.between(0.02, 0.06);
  const body = anatomy.halfWidth + random.between(0.05, 0.09);
  for (let i = 0; i < u.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const a = Math.abs(x);
    const lung = chest.lung[i] ?? 0;
    const torso = Math.min(body - a + 0.02 * y, y - shoulder - 0.28 * Math.max(0, a - 0.1));
    const flesh = smoothstep(-0.012, 0.02, Math.max(torso, 0.085 - a));
    const du = (x - heart.u) / heart.radiusU;
    const dv = (y - heart.v) / heart.radiusV;
    // Tilted: the apex of the heart points down to image right.
    const heartMask = smoothstep(1.06, 0.94, Math.sqrt(du * du + dv * dv - 0.35 * du * dv));
    const mediastinum = smoothstep(0.012, -0.006, a - 0.052 - 0.014 * Math.sin(9 * y)) * smoothstep(0.02, 0.3, y);
    const knob = smoothstep(1.15, 0.85, Math.hypot(x - knobU, y - knobV) / anatomy.aortaRadius);
    const solid = 1 - (1 - heartMask) * (1 - mediastinum) * (1 - 0.8 * knob);
    const air = lung * (1 - solid);
    chest.air[i] = air;
    const side = x < 0 ? 0 : 1;
    const smooth = haze * valueNoise(hazeSeed, 3.2 * x, 3.2 * y) + sideHaze[side];
    const breast =
      anatomy.breast *
      smoothstep(0.02, -0.02, Math.hypot((a - 0.24) / 0.16, (y - 0.6) / 0.17) * 0.16 - 0.16) *
      (view === 'AP' ? 0.7 : 1);
    density[i] =
      flesh * (anatomy.softTissue + breast + 0.06 * solid - 0.05 * smoothstep(0, 0.3, -(chest.aboveBase[i] ?? 0))) +
      air * (smooth - anatomy.softTissue * 0.66) -
      0.12 * smoothstep(0.022, 0.012, a) * smoothstep(knobV + 0.06, knobV - 0.02, y) * flesh;
  }
  if (chest.base[1] < 0.95 && random.chance(0.6)) {
    const bubble = { u: random.between(0.1, 0.2), v: chest.base[1] + random.between(0.06, 0.11) };
    paintDisc(chest, bubble, random.between(0.03, 0.055), 1.2, (d) => -0.16 * smoothstep(1.15, 0.85, d));
  }
}

function paintBones(chest: Chest, view: PhantomView): void {
  const { anatomy, u, v, density } = chest;
  const bone = anatomy.boneDensity;
  const bottom = Math.max(chest.base[0], chest.base[1]) + 0.12;
  for (let i = 0; i < u.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const a = Math.abs(x);
    const inCage = smoothstep(-0.03, -0.005, chest.wall[i] ?? -1);
    const spine = smoothstep(0.04, 0.03, a) * (0.6 + 0.4 * Math.cos((2 * Math.PI * y) / 0.062)) * 0.07;
    let ribs = 0;
    if (inCage > 0 && y < bottom) {
      const phase = (y - anatomy.ribSlope * a - 0.9 * a * a) / anatomy.ribSpacing + anatomy.ribPhase;
      const off = Math.abs(phase - Math.round(phase)) * anatomy.ribSpacing;
      ribs = 0.055 * smoothstep(0.02, 0.011, off) * smoothstep(0.02, 0.06, a);
      const front = (y + 0.42 * a) / (1.25 * anatomy.ribSpacing) + 2 * anatomy.ribPhase;
      const offFront = Math.abs(front - Math.round(front)) * 1.25 * anatomy.ribSpacing;
      ribs += 0.025 * smoothstep(0.024, 0.014, offFront) * smoothstep(0.1, 0.17, a);
    }
    density[i] = (density[i] ?? 0) + bone * (spine + ribs * inCage);
  }
  for (const side of [-1, 1]) {
    const top = anatomy.apex + (view === 'AP' ? 0.0 : 0.03);
    stroke(
      chest,
      arc(side * 0.05, top + 0.03, side * (anatomy.halfWidth + 0.02), top - 0.03, -0.012),
      0.016,
      0.16 * bone,
    );
    // Scapulae are turned out of the lungs in a PA film and lie over them in an AP film.
    const inner = view === 'AP' ? -0.06 : 0.045;
    const x = side * (anatomy.halfWidth + inner);
    stroke(chest, arc(x, anatomy.apex + 0.08, x + side * 0.02, anatomy.apex + 0.36, 0.01), 0.014, 0.09 * bone);
  }
  if (anatomy.calcification > 0) {
    const r = anatomy.aortaRadius;
    const centre = { u: 0.05 + r * 0.4, v: anatomy.apex + 0.17 };
    const rim = [-1.3, -0.8, -0.3, 0.2, 0.6].map((t) => ({
      u: centre.u + r * Math.cos(t),
      v: centre.v + r * Math.sin(t),
    }));
    stroke(chest, rim, 0.009, 0.22 * anatomy.calcification);
  }
}

/** The fine texture of the lung itself. */
function paintGrain(chest: Chest, random: Random): void {
  const { lung, u, v, density } = chest;
  const seed = random.seed();
  for (let i = 0; i < density.length; i++) {
    const air = lung[i] ?? 0;
    if (air > 0) density[i] = (density[i] ?? 0) + 0.022 * air * valueNoise(seed, 26 * (u[i] ?? 0), 26 * (v[i] ?? 0));
  }
}

/** Arteries from the hilum outwards, twice forked; the same tree in every film of a patient. */
function paintVessels(chest: Chest, amount: number): void {
  const random = seededRandom(chest.anatomy.vesselSeed, 'vessels');
  const hilumV = 0.5 * (chest.anatomy.apex + Math.min(chest.base[0], chest.base[1])) + 0.03;
  for (const side of [-1, 1]) {
    const hilum = { u: side * 0.075, v: hilumV };
    paintDisc(chest, hilum, 0.04, 1.6, (d) => 0.06 * Math.exp(-2 * d * d));
    for (let k = 0; k < 9; k++) {
      const angle = -1.35 + (2.7 * k) / 8 + 0.12 * random.normal();
      const length = random.between(0.12, 0.17);
      const end = { u: hilum.u + side * length * Math.cos(angle), v: hilum.v + length * Math.sin(angle) * 1.25 };
      const root = { u: hilum.u + side * 0.03 * Math.cos(angle), v: hilum.v + 0.04 * Math.sin(angle) };
      stroke(chest, [root, end], 0.01, 0.06 * amount, chest.lung);
      for (const turn of [-0.35, 0.3]) {
        const bend = angle + turn + 0.1 * random.normal();
        const reach = random.between(0.08, 0.13);
        const tip = { u: end.u + side * reach * Math.cos(bend), v: end.v + reach * Math.sin(bend) * 1.2 };
        stroke(chest, [end, tip], 0.0075, 0.05 * amount, chest.lung);
      }
    }
  }
}

/** Five points from (u0, v0) to (u1, v1), bowed by `bow` across. */
export function arc(u0: number, v0: number, u1: number, v1: number, bow: number): Point[] {
  const length = Math.hypot(u1 - u0, v1 - v0) || 1;
  return [0, 0.25, 0.5, 0.75, 1].map((t) => ({
    u: u0 + t * (u1 - u0) - ((v1 - v0) / length) * bow * 4 * t * (1 - t),
    v: v0 + t * (v1 - v0) + ((u1 - u0) / length) * bow * 4 * t * (1 - t),
  }));
}
