import type { Chest } from './chest-maps.js';
import { paintDisc, stroke } from './film.js';
import { seededRandom, type Random } from './random.js';
import { smoothField } from './texture.js';

/** The fine texture of the lung itself. */
export function paintGrain(chest: Chest, random: Random): void {
  const { lung, u, v, density } = chest;
  const field = smoothField(random.seed());
  for (let i = 0; i < density.length; i++) {
    const air = lung[i] ?? 0;
    if (air > 0) density[i] = (density[i] ?? 0) + 0.022 * air * field(26 * (u[i] ?? 0), 26 * (v[i] ?? 0));
  }
}

/** Arteries from the hilum outwards, twice forked; the same tree in every film of a patient. */
export function paintVessels(chest: Chest, amount: number): void {
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
