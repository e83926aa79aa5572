import { assertFrame, codecFailed, type DecodedFrame, type ExpectedFrame } from './decoded-frame.js';
import { readJpeg2000Header } from './jpeg-2000-header.js';
import { decodeWithWasm, type WasmCodec } from './wasm-decoder.js';

const openJpeg: WasmCodec = {
  name: 'JPEG 2000',
  load: () => import('@cornerstonejs/codec-openjpeg/decodewasmjs'),
  decoder: 'J2KDecoder',
};
const openJph: WasmCodec = {
  name: 'HTJ2K',
  load: () => import('@cornerstonejs/codec-openjph/wasmjs'),
  decoder: 'HTJ2KDecoder',
};

/** Each tile costs the codec memory of its own; T.800 allows 65,535, and no radiograph needs them. */
const mostTiles = 4096;

/**
 * JPEG 2000 (ITU-T T.800) by OpenJPEG, or High-Throughput JPEG 2000 (T.814) by OpenJPH; up to 16 bits. Colour comes as RGB: the codec
 * undoes the stream's own component transform.
 * @throws ImagingError CODEC_FAILED, CODEC_SIZE_MISMATCH
 */
export async function decodeJpeg2000(
  bytes: Uint8Array,
  expected: ExpectedFrame,
  codec: 'jpeg-2000' | 'htj2k',
): Promise<DecodedFrame> {
  const header = readJpeg2000Header(bytes);
  const chosen = codec === 'htj2k' ? openJph : openJpeg;
  assertFrame(header, expected, chosen.name);
  if (header.tiles > mostTiles) throw codecFailed(chosen.name, `${header.tiles} tiles, over the limit of ${mostTiles}`);
  const frame = await decodeWithWasm(chosen, header.codestream);
  assertFrame(frame, expected, chosen.name);
  return { ...frame, precision: header.precision, signed: header.signed };
}
