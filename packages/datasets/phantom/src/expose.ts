// From attenuation to grey values: exposure, contrast, smooth gradients, noise.
import type { Film } from './film.js';
import type { Random } from './random.js';
import { latticeHash, smoothField } from './texture.js';

const CURVE_STEPS = 4095;

/** Grey values 0 (air) to 255 (dense), [size * size]. Noise grows with attenuation, as fewer photons arrive. */
export function exposeFilm(film: Film, random: Random): Uint8Array {
  const { density, u, v } = film;
  const gain = random.between(0.88, 1.18);
  const offset = random.between(-0.07, 0.07);
  const gamma = Math.exp(random.between(-0.2, 0.2));
  const tiltU = 0.1 * random.normal();
  const tiltV = 0.1 * random.normal();
  const photons = random.between(0.006, 0.013);
  const field = smoothField(random.seed());
  const noiseSeed = random.seed();
  const shade = random.between(0.02, 0.07);
  const curve = Uint8Array.from({ length: CURVE_STEPS + 1 }, (_, k) => Math.round(255 * (k / CURVE_STEPS) ** gamma));
  const pixels = new Uint8Array(density.length);
  // One noise step a pixel at 128; larger films have finer grain, and averaging gives the same noise back.
  const grain = photons * (film.size / 128);
  for (let i = 0; i < density.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const d = Math.max(0, density[i] ?? 0);
    // Uniform: half a grey level is rounded away, and averaging makes it normal soon enough.
    const noise = 3.46 * (latticeHash(noiseSeed, i, 0) - 0.5);
    const smooth = tiltU * x + tiltV * (y - 0.5) + shade * field(2.5 * x, 2.5 * y);
    const seen = gain * (d + smooth * Math.min(1, 4 * d)) + offset + grain * noise * (0.6 + d);
    pixels[i] = curve[Math.round(CURVE_STEPS * Math.max(0, Math.min(1, seen)))] ?? 0;
  }
  return pixels;
}
