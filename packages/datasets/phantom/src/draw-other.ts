// What the covid layout holds besides frontal films: lateral films and CT slices. Readers leave both out; these pictures are sketches.
import { exposeFilm } from './expose.js';
import { createFilm, paintDisc, stroke } from './film.js';
import { seededRandom } from './random.js';
import { smoothstep } from './texture.js';

const UPRIGHT = { scale: 1, rotation: 0, shiftX: 0, shiftY: 0, breath: [0, 0] } as const;

/** A lateral film: spine behind (right), heart in front, one lung field; [size * size]. */
export function drawLateral(size: number, seed: number): Uint8Array {
  const random = seededRandom(seed, 'lateral');
  const film = createFilm(size, UPRIGHT);
  paintDisc(film, { u: 0, v: 0.55 }, 0.5, 1, (d) => 0.6 * smoothstep(1, 0.94, d));
  const centre = { u: random.between(-0.02, 0.03), v: 0.47 };
  paintDisc(film, centre, 0.36, 1.1, (d, du) => -0.4 * smoothstep(1, 0.9, Math.hypot(d, 0.75 * du)));
  paintDisc(film, { u: -0.1, v: 0.6 }, random.between(0.12, 0.16), 1.2, (d) => 0.3 * smoothstep(1.05, 0.9, d));
  paintDisc(film, { u: 0, v: 1.05 }, 0.36, 1.1, (d) => 0.3 * smoothstep(1.03, 0.95, d));
  for (let k = 0; k < 12; k++) {
    const v = 0.14 + 0.06 * k;
    stroke(
      film,
      [
        { u: 0.28, v },
        { u: 0.34, v: v + 0.01 },
      ],
      0.024,
      0.2,
    );
    stroke(
      film,
      [
        { u: 0.26, v },
        { u: -0.26, v: v + 0.17 },
      ],
      0.011,
      0.07,
    );
  }
  return exposeFilm(film, random);
}

/** An axial slice: body, two lungs, spine; [size * size]. */
export function drawAxial(size: number, seed: number): Uint8Array {
  const random = seededRandom(seed, 'axial');
  const film = createFilm(size, UPRIGHT);
  paintDisc(film, { u: 0, v: 0.5 }, 0.44, 1.1, (d, _du, dv) => 0.55 * smoothstep(1, 0.96, Math.hypot(d, 0.8 * dv)));
  for (const side of [-1, 1]) {
    const lung = { u: side * 0.2, v: 0.5 };
    paintDisc(
      film,
      lung,
      random.between(0.17, 0.19),
      1.2,
      (d, du) => -0.45 * smoothstep(1, 0.92, Math.hypot(d, 0.5 * du)),
    );
  }
  paintDisc(film, { u: 0, v: 0.7 }, 0.06, 1.3, (d) => 0.35 * smoothstep(1.1, 0.9, d));
  return exposeFilm(film, random);
}
