// From attenuation to grey values: exposure, contrast, smooth gradients, noise.
import type { Film } from './film.js';
import type { Random } from './random.js';
import { latticeHash, valueNoise } from './texture.js';

/** Grey values 0 (air) to 255 (dense), [size * size]. Noise grows with attenuation, as fewer photons arrive. */
export function exposeFilm(film: Film, random: Random): Uint8Array {
  const { density, u, v } = film;
  const gain = random.between(0.88, 1.18);
  const offset = random.between(-0.07, 0.07);
  const gamma = Math.exp(random.between(-0.2, 0.2));
  const tiltU = 0.1 * random.normal();
  const tiltV = 0.1 * random.normal();
  const photons = random.between(0.006, 0.013);
  const seed = random.seed();
  const noiseSeed = random.seed();
  const shade = random.between(0.02, 0.07);
  const pixels = new Uint8Array(density.length);
  // One noise step a pixel at 128; larger films have finer grain, and averaging gives the same noise back.
  const grain = photons * (film.size / 128);
  for (let i = 0; i < density.length; i++) {
    const x = u[i] ?? 0;
    const y = v[i] ?? 0;
    const d = Math.max(0, density[i] ?? 0);
    // Two hashed uniforms: a triangular distribution is near enough to a normal one, and quick.
    const noise = 2.45 * (latticeHash(noiseSeed, i, 0) + latticeHash(noiseSeed, i, 1) - 1);
    const smooth = tiltU * x + tiltV * (y - 0.5) + shade * valueNoise(seed, 2.5 * x, 2.5 * y);
    const seen = gain * (d + smooth * Math.min(1, 4 * d)) + offset + grain * noise * (0.6 + d);
    pixels[i] = Math.round(255 * Math.max(0, Math.min(1, seen)) ** gamma);
  }
  return pixels;
}
