import type { GreyImage8 } from '../grey-image.js';

// OpenCV computes in single precision; in double, values halfway between two greys would fall to the other side.
const single = Math.fround;

/**
 * Contrast-limited adaptive histogram equalisation (Zuiderveld, Graphics Gems IV, 1994), with OpenCV's choices: tiles x tiles
 * equal tiles, the image mirrored where they do not divide it, counts above the limit spread evenly, the tiles' curves
 * interpolated bilinearly.
 * @param clipLimit of a bin, as a multiple of a flat histogram's; no limit at 0
 * @param tiles along each side
 */
export function equaliseAdaptively({ width, height, data }: GreyImage8, clipLimit: number, tiles: number): GreyImage8 {
  // OpenCV pads on the right and below as soon as one side is not divided, the divided side then by `tiles` pixels.
  const even = width % tiles === 0 && height % tiles === 0;
  const tileWidth = (even ? width : width + tiles - (width % tiles)) / tiles;
  const tileHeight = (even ? height : height + tiles - (height % tiles)) / tiles;
  const curves = new Uint8Array(tiles * tiles * 256);
  const counts = new Int32Array(256);
  for (let tile = 0; tile < tiles * tiles; tile++) {
    counts.fill(0);
    const left = (tile % tiles) * tileWidth;
    const upper = Math.floor(tile / tiles) * tileHeight;
    for (let y = upper; y < upper + tileHeight; y++) {
      const row = mirrored(y, height) * width;
      for (let x = left; x < left + tileWidth; x++) {
        const value = data[row + mirrored(x, width)]!;
        counts[value]!++;
      }
    }
    curveOf(counts, tileWidth * tileHeight, clipLimit, curves.subarray(tile * 256, tile * 256 + 256));
  }
  return { width, height, data: interpolated({ width, height, data }, curves, tiles, tileWidth, tileHeight) };
}

/** Mirrored at the last pixel, which is not repeated. */
function mirrored(i: number, length: number): number {
  if (length === 1) return 0;
  let at = i;
  while (at >= length || at < 0) at = at < 0 ? -at : 2 * (length - 1) - at;
  return at;
}

function curveOf(counts: Int32Array, area: number, clipLimit: number, curve: Uint8Array): void {
  if (clipLimit > 0) {
    const limit = Math.max(1, Math.floor((clipLimit * area) / 256));
    let clipped = 0;
    for (let i = 0; i < 256; i++) {
      if (counts[i]! <= limit) continue;
      clipped += counts[i]! - limit;
      counts[i] = limit;
    }
    const share = Math.floor(clipped / 256);
    let left = clipped - share * 256;
    for (let i = 0; i < 256; i++) counts[i]! += share;
    const step = left === 0 ? 256 : Math.max(1, Math.floor(256 / left));
    for (let i = 0; i < 256 && left > 0; i += step, left--) counts[i]!++;
  }
  const scale = single(255 / area);
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    sum += counts[i]!;
    curve[i] = rounded(single(sum * scale));
  }
}

function interpolated(
  { width, height, data }: GreyImage8,
  curves: Uint8Array,
  tiles: number,
  tileWidth: number,
  tileHeight: number,
): Uint8Array {
  const out = new Uint8Array(data.length);
  const across = Array.from({ length: width }, (_, x) => between(x, tileWidth, tiles));
  const firsts = Int32Array.from(across, ([first]) => first * 256);
  const seconds = Int32Array.from(across, ([, second]) => second * 256);
  const shares = Float32Array.from(across, ([, , share]) => share);
  const shareRests = shares.map((share) => 1 - share);
  for (let y = 0, at = 0; y < height; y++) {
    const [first, second, down] = between(y, tileHeight, tiles);
    const upperShare = single(1 - down);
    const above = first * tiles * 256;
    const below = second * tiles * 256;
    for (let x = 0; x < width; x++, at++) {
      const value = data[at]!;
      const share = shares[x]!;
      const left = firsts[x]! + value;
      const right = seconds[x]! + value;
      const rest = shareRests[x]!;
      const upper = single(single(curves[above + left]! * rest) + single(curves[above + right]! * share));
      const lower = single(single(curves[below + left]! * rest) + single(curves[below + right]! * share));
      out[at] = rounded(single(single(upper * upperShare) + single(lower * down)));
    }
  }
  return out;
}

/** The two tiles whose middles a pixel lies between, and its share of the second. */
function between(i: number, tileSize: number, tiles: number): readonly [number, number, number] {
  const position = single(single(i * single(1 / tileSize)) - 0.5);
  const first = Math.floor(position);
  return [Math.max(first, 0), Math.min(first + 1, tiles - 1), position - first];
}

/** Halves to even, as the processor's own rounding. */
function rounded(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
