/**
 * Grey of interleaved RGB(A) samples: Rec. 601 luma (299 R + 587 G + 114 B) / 1000, rounded half up; equal channels give that
 * channel exactly. Alpha and further samples are dropped. Same weights as JPEG's own Y, so that a grey radiograph stored in
 * colour keeps its values.
 * @param samples [h * w * channels], channels >= 3
 */
export function lumaOfInterleaved<T extends Uint8Array | Uint16Array>(samples: T, channels: number, grey: T): T {
  for (let i = 0, j = 0; i < grey.length; i++, j += channels) {
    grey[i] = luma(samples[j]!, samples[j + 1]!, samples[j + 2]!);
  }
  return grey;
}

/** Grey of planar RGB samples [3, h * w]; see {@link lumaOfInterleaved}. */
export function lumaOfPlanes<T extends Uint8Array | Uint16Array>(samples: T, grey: T): T {
  const n = grey.length;
  for (let i = 0; i < n; i++) grey[i] = luma(samples[i]!, samples[n + i]!, samples[2 * n + i]!);
  return grey;
}

function luma(r: number, g: number, b: number): number {
  return Math.floor((299 * r + 587 * g + 114 * b + 500) / 1000);
}
