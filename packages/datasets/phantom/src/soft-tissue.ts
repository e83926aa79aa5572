import type { PhantomView } from './anatomy.js';
import type { Chest } from './chest-maps.js';
import { paintDisc } from './film.js';
import type { Random } from './random.js';
import { smoothField, smoothstep } from './texture.js';

/** Body, heart, mediastinum, aorta, trachea, breasts and the gas in the stomach; fills `air`. */
export function paintSoftTissue(chest: Chest, random: Random, view: PhantomView): void {
  const { anatomy, heart, u, v, density } = chest;
  const knobU = 0.05 + anatomy.aortaRadius * 0.4;
  const knobV = anatomy.apex + 0.17;
  const field = smoothField(random.seed());
  const haze = random.between(0.02, 0.06);
  const sideHaze: [number, number] = [0.045 * random.normal(), 0.045 * random.normal()];
  const shoulder = anatomy.apex - random.between(0.02, 0.06);
  const body = anatomy.halfWidth + random.between(0.05, 0.09);
  const breast = anatomy.breast * (view === 'AP' ? 0.7 : 1);
  for (let i = 0; i < u.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const a = Math.abs(x);
    const lung = chest.lung[i] ?? 0;
    const torso = Math.min(body - a + 0.02 * y, y - shoulder - 0.28 * Math.max(0, a - 0.1));
    const flesh = smoothstep(-0.012, 0.02, Math.max(torso, 0.085 - a));
    if (flesh === 0) continue;
    const du = (x - heart.u) / heart.radiusU;
    const dv = (y - heart.v) / heart.radiusV;
    // Tilted: the apex of the heart points down to image right.
    const heartMask = smoothstep(1.06, 0.94, Math.sqrt(Math.max(0, du * du + dv * dv - 0.35 * du * dv)));
    const middle =
      a > 0.08 ? 0 : smoothstep(0.012, -0.006, a - 0.052 - 0.014 * Math.sin(9 * y)) * smoothstep(0.02, 0.3, y);
    const knob = smoothstep(1.15, 0.85, Math.sqrt((x - knobU) ** 2 + (y - knobV) ** 2) / anatomy.aortaRadius);
    const solid = 1 - (1 - heartMask) * (1 - middle) * (1 - 0.8 * knob);
    const air = lung * (1 - solid);
    chest.air[i] = air;
    const smooth = haze * field(3.2 * x, 3.2 * y) + (x < 0 ? sideHaze[0] : sideHaze[1]);
    const inBreast = Math.sqrt(((a - 0.24) / 0.16) ** 2 + ((y - 0.6) / 0.17) ** 2);
    const trachea = a > 0.022 ? 0 : smoothstep(0.022, 0.012, a) * smoothstep(knobV + 0.06, knobV - 0.02, y);
    density[i] =
      flesh *
        (anatomy.softTissue +
          breast * smoothstep(1.12, 0.88, inBreast) +
          0.06 * solid -
          0.05 * smoothstep(0, 0.3, -(chest.aboveBase[i] ?? 0)) -
          0.12 * trachea) +
      air * (smooth - 0.66 * anatomy.softTissue);
  }
  if (chest.base[1] < 0.95 && random.chance(0.6)) {
    const bubble = { u: random.between(0.1, 0.2), v: chest.base[1] + random.between(0.06, 0.11) };
    paintDisc(chest, bubble, random.between(0.03, 0.055), 1.2, (d) => -0.16 * smoothstep(1.15, 0.85, d));
  }
}
