import { ImagingError } from '../errors.js';

/**
 * RLE Lossless (PS3.5 Annex G): one PackBits segment per byte plane, most significant first, sample after sample.
 * @param planes number of byte planes: SamplesPerPixel * BitsAllocated / 8
 * @returns [planes, pixels], one byte plane after the other
 * @throws ImagingError CODEC_FAILED when a segment is damaged or does not fill its plane
 */
export function decodeRleLossless(frame: Uint8Array, pixels: number, planes: number): Uint8Array {
  if (frame.length < 64) throw failed(`the frame of ${frame.length} bytes has no RLE header`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== planes) {
    throw new ImagingError('CODEC_SIZE_MISMATCH', `RLE: ${segments} segments, the header asks for ${planes}`);
  }
  const out = new Uint8Array(pixels * planes);
  for (let s = 0; s < planes; s++) {
    const start = view.getUint32(4 + 4 * s, true);
    const end = s + 1 < planes ? view.getUint32(8 + 4 * s, true) : frame.length;
    if (start < 64 || start > end || end > frame.length) throw failed(`segment ${s + 1} lies outside the frame`);
    unpack(frame.subarray(start, end), out.subarray(s * pixels, (s + 1) * pixels), s + 1);
  }
  return out;
}

function unpack(packed: Uint8Array, out: Uint8Array, segment: number): void {
  let from = 0;
  let to = 0;
  while (to < out.length) {
    if (from >= packed.length) throw failed(`segment ${segment} ends after ${to} of ${out.length} bytes`);
    const n = packed[from++]!;
    if (n === 128) continue; // no operation
    const count = n < 128 ? n + 1 : 257 - n;
    const taken = n < 128 ? count : 1;
    if (from + taken > packed.length || to + count > out.length)
      throw failed(`segment ${segment} has a run that does not fit`);
    if (n < 128) out.set(packed.subarray(from, from + count), to);
    else out.fill(packed[from]!, to, to + count);
    from += taken;
    to += count;
  }
}

function failed(reason: string): ImagingError {
  return new ImagingError('CODEC_FAILED', `RLE: ${reason}`);
}
