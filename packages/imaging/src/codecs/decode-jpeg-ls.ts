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
  const frame = await decodeWithWasm(charls, bytes);
  assertFrame(frame, expected, 'JPEG-LS');
  return frame;
}
