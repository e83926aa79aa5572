// A frontal chest without findings, and the maps that findings are placed by.
import type { Anatomy, FilmPose, PhantomView } from './anatomy.js';
import { paintBones } from './bones.js';
import type { Chest } from './chest-maps.js';
import { createFilm } from './film.js';
import { measureLungs } from './lung-maps.js';
import { paintGrain, paintVessels } from './lung-texture.js';
import type { Random } from './random.js';
import { paintSoftTissue } from './soft-tissue.js';

/** What findings change in the anatomy itself, before it is drawn. */
export interface ChestChanges {
  /** Factor on the heart's radius. */
  readonly heart: number;
  /** Factor on the depth of the costophrenic angles: flat in emphysema. */
  readonly dome: number;
  /** Factor on the vessels. */
  readonly vessels: number;
}

/** Draws the anatomy of one film; findings come on top. */
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
  measureLungs(chest, drop);
  paintSoftTissue(chest, random, view);
  paintBones(chest, view);
  chest.bare.set(chest.density);
  paintGrain(chest, random);
  paintVessels(chest, changes.vessels);
  return chest;
}
