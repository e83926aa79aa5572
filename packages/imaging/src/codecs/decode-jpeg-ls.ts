import { readJpegFrameHeader } from '../jpeg/jpeg-frame-header.js';
import { assertFrame, codecFailed, type DecodedFrame, type ExpectedFrame } from './decoded-frame.js';
import { decodeWithWasm, type WasmCodec } from './wasm-decoder.js';

const charls: WasmCodec = {
  name: 'JPEG-LS',
  load: () => import('@cornerstonejs/codec-charls/decodewasmjs'),
  decoder: 'JpegLSDecoder',
};

/**
 * JPEG-LS (ITU-T T.87), lossless and near-lossless, 2..16 bits, by CharLS.
 * @throws ImagingError CODEC_FAILED, CODEC_SIZE_MISMATCH, IMAGE_CORRUPT
 */
export async function decodeJpegLs(bytes: Uint8Array, expected: ExpectedFrame): Promise<DecodedFrame> {
  const header = readJpegFrameHeader(bytes);
  if (header.process !== 55) throw codecFailed('JPEG-LS', `the frame is of process SOF${header.process}`);
  assertFrame(header, expected, 'JPEG-LS');
  // Without an end marker CharLS looks for one through all of its memory, for seconds.
  if (!endsWithEoi(bytes)) throw codecFailed('JPEG-LS', 'no end-of-image marker');
  const frame = await decodeWithWasm(charls, bytes);
  assertFrame(frame, expected, 'JPEG-LS');
  return frame;
}

/** Bytes after the marker may pad the fragment. */
function endsWithEoi(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}
