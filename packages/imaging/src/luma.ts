/**
 * Grey of interleaved RGB(A) samples: Rec. 601 luma with the 16-bit weights that Pillow's `convert('L')` has, which sum to 65536,
 * so that equal channels give that channel exactly. Alpha and further samples are dropped. The weights are those of JPEG's own Y:
 * a grey radiograph stored in colour keeps its values.
 * @param samples [h * w * channels], channels >= 3
 */
export function lumaOfInterleaved<T extends Uint8Array | Uint16Array>(samples: T, channels: number, grey: T): T {
  for (let i = 0, j = 0; i < grey.length; i++, j += channels) {
    grey[i] = luma(samples[j]!, samples[j + 1]!, samples[j + 2]!);
  }
  return grey;
}

/** Grey of interleaved CMYK inks [h * w * 4], 255 full ink: each channel is what ink and black let through. */
export function lumaOfInks(inks: Uint8Array, grey: Uint8Array): Uint8Array {
  for (let i = 0, j = 0; i < grey.length; i++, j += 4) {
    const light = 255 - inks[j + 3]!;
    const through = (ink: number) => Math.round(((255 - ink) * light) / 255);
    grey[i] = luma(through(inks[j]!), through(inks[j + 1]!), through(inks[j + 2]!));
  }
  return grey;
}

/** Luma of one colour, in the range of its channels. */
export function luma(r: number, g: number, b: number): number {
  return Math.floor((19595 * r + 38470 * g + 7471 * b + 32768) / 65536);
}
