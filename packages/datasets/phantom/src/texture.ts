/** Procedural textures over the plane: value noise, honeycomb and dots. All are pure in (seed, u, v). */

/** Uniform in [0, 1) for every whole (x, y). */
export function latticeHash(seed: number, x: number, y: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Smooth value noise in [-1, 1] with lattice constant 1. */
export function valueNoise(seed: number, u: number, v: number): number {
  const x = Math.floor(u);
  const y = Math.floor(v);
  const fx = u - x;
  const fy = v - y;
  const sx = fx * fx * (3 - 2 * fx);
  const sy = fy * fy * (3 - 2 * fy);
  const top = latticeHash(seed, x, y) * (1 - sx) + latticeHash(seed, x + 1, y) * sx;
  const bottom = latticeHash(seed, x, y + 1) * (1 - sx) + latticeHash(seed, x + 1, y + 1) * sx;
  return 2 * (top * (1 - sy) + bottom * sy) - 1;
}

/** The same from a table, quicker for whole films; repeats after 32 units. */
export function smoothField(seed: number): (u: number, v: number) => number {
  const table = new Float32Array(1024);
  for (let i = 0; i < 1024; i++) table[i] = 2 * latticeHash(seed, i & 31, i >> 5) - 1;
  return (u, v) => {
    const x = Math.floor(u);
    const y = Math.floor(v);
    const fx = u - x;
    const fy = v - y;
    const sx = fx * fx * (3 - 2 * fx);
    const sy = fy * fy * (3 - 2 * fy);
    const x0 = x & 31;
    const x1 = (x + 1) & 31;
    const y0 = (y & 31) << 5;
    const y1 = ((y + 1) & 31) << 5;
    const top = (table[y0 | x0] ?? 0) * (1 - sx) + (table[y0 | x1] ?? 0) * sx;
    const bottom = (table[y1 | x0] ?? 0) * (1 - sx) + (table[y1 | x1] ?? 0) * sx;
    return top * (1 - sy) + bottom * sy;
  };
}

/** Honeycomb with cells one unit apart: 1 on the walls, 0 in the holes. */
export function honeycomb(u: number, v: number): number {
  // The nearer of the two rectangular sublattices of a hexagonal lattice.
  const height = Math.sqrt(3);
  const ax = u - Math.round(u);
  const ay = v - height * Math.round(v / height);
  const bx = u - 0.5 - Math.round(u - 0.5);
  const by = v - height / 2 - height * Math.round((v - height / 2) / height);
  const distance = Math.sqrt(Math.min(ax * ax + ay * ay, bx * bx + by * by));
  return smoothstep(0.25, 0.52, distance);
}

/** One bright dot somewhere in each unit cell: 1 in its centre, 0 away from it. */
export function dots(seed: number, u: number, v: number, radius: number): number {
  const x = Math.floor(u);
  const y = Math.floor(v);
  let nearest = 9;
  for (let j = -1; j <= 1; j++) {
    for (let i = -1; i <= 1; i++) {
      const dx = x + i + 0.5 + 0.5 * (latticeHash(seed, x + i, y + j) - 0.5) - u;
      const dy = y + j + 0.5 + 0.5 * (latticeHash(seed ^ 0x5bd1e995, x + i, y + j) - 0.5) - v;
      nearest = Math.min(nearest, dx * dx + dy * dy);
    }
  }
  return Math.exp(-nearest / (radius * radius));
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
