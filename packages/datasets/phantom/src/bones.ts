import type { PhantomView } from './anatomy.js';
import type { Chest } from './chest-maps.js';
import { arc, stroke } from './film.js';
import { smoothstep } from './texture.js';

/** Spine, ribs (behind and, fainter, in front), clavicles, scapulae and the calcium of an old aortic arch. */
export function paintBones(chest: Chest, view: PhantomView): void {
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
