import { assertFrame, type DecodedFrame, type ExpectedFrame } from '../codecs/decoded-frame.js';
import { ImagingError } from '../errors.js';
import { dctScan } from './dct-scan.js';
import { EntropyReader, readHuffmanTables, type HuffmanTable } from './entropy-reader.js';
import { frameHeaderOf, isFrame, type JpegFrameHeader } from './jpeg-frame-header.js';
import { corrupt, readJpegSegment, type JpegSegment } from './jpeg-segments.js';
import { losslessScan } from './lossless-scan.js';
import type { Scan, ScanComponent } from './scan.js';

/**
 * Sequential JPEG with Huffman coding that libjpeg-turbo as built into sharp does not read: 12-bit samples (SOF1, one component)
 * and Lossless (SOF3, all predictors, 2..16 bits). ITU-T T.81.
 * @throws ImagingError IMAGE_CORRUPT, CODEC_SIZE_MISMATCH, IMAGE_TYPE (another process, subsampling, colour of 12 bits)
 */
export function decodeJpegScans(bytes: Uint8Array, expected: ExpectedFrame): DecodedFrame {
  const huffman = new Map<number, HuffmanTable>();
  const quantisation = new Map<number, Uint16Array>();
  let restartInterval = 0;
  let frame: JpegFrameHeader | undefined;
  let frameBody = new Uint8Array();
  let samples = new Uint16Array();
  let missing = new Set<number>();
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw corrupt('no start-of-image marker', 0);
  for (let at = 2; ;) {
    const segment = readJpegSegment(bytes, at);
    const { marker, body, offset } = segment;
    at = segment.next;
    if (marker === 0xc4) readHuffmanTables(body, huffman);
    else if (marker === 0xdb) readQuantisation(body, quantisation);
    else if (marker === 0xdd) restartInterval = body.length < 2 ? 0 : body[0]! * 256 + body[1]!;
    else if (marker === 0xd9) break;
    else if (isFrame(marker)) {
      if (frame !== undefined) throw corrupt('two frame headers', offset);
      frame = checkedFrame(segment, expected);
      frameBody = body.slice();
      samples = new Uint16Array(frame.width * frame.height * frame.components);
      missing = new Set(Array.from({ length: frame.components }, (_, i) => i));
    } else if (marker === 0xda) {
      if (frame === undefined) throw corrupt('a scan before the frame header', offset);
      const scan = readScan(segment, frame, frameBody, { huffman, quantisation, restartInterval, samples });
      for (const { index } of scan.components) {
        if (!missing.delete(index)) throw corrupt('a component is in two scans', offset);
      }
      const reader = new EntropyReader(bytes, at);
      if (frame.process === 3) losslessScan(scan, reader);
      else dctScan(scan, reader);
      reader.align();
      at = reader.at;
      if (missing.size === 0) break; // what follows the last scan is not needed, and an EOI is often lacking
    }
  }
  if (frame === undefined || missing.size > 0) throw corrupt('the stream ends before all components were read');
  const { width, height, components, precision } = frame;
  return {
    width,
    height,
    components,
    precision,
    signed: false,
    samples: precision > 8 ? samples : Uint8Array.from(samples),
  };
}

function checkedFrame(segment: JpegSegment, expected: ExpectedFrame): JpegFrameHeader {
  const frame = frameHeaderOf(segment);
  const { process, precision, components } = frame;
  const lossless = process === 3 && precision >= 2 && precision <= 16;
  const sequential = process === 1 && precision === 12 && components === 1;
  if (!lossless && !sequential) {
    throw new ImagingError(
      'IMAGE_TYPE',
      `JPEG: process SOF${process} with ${precision} bits and ${components} components is not read here`,
    );
  }
  assertFrame(frame, expected, 'JPEG');
  if (segment.body.length < 6 + 3 * components) throw corrupt('the frame header is too short', segment.offset);
  for (let i = 0; i < components; i++) {
    if (components > 1 && segment.body[7 + 3 * i] !== 0x11)
      throw new ImagingError('IMAGE_TYPE', 'JPEG: Lossless with subsampled components');
  }
  return frame;
}

/** Tables of one DQT segment, in zigzag order. @throws ImagingError IMAGE_CORRUPT */
export function readQuantisation(body: Uint8Array, into: Map<number, Uint16Array>): void {
  for (let at = 0; at < body.length;) {
    if ((body[at]! & 15) > 3) throw corrupt(`a quantisation table of destination ${body[at]! & 15}`);
    const wide = body[at]! >> 4 > 0;
    const size = wide ? 128 : 64;
    if (at + 1 + size > body.length) throw corrupt('a quantisation table is cut');
    const entry = (i: number) => (wide ? body[at + 1 + 2 * i]! * 256 + body[at + 2 + 2 * i]! : body[at + 1 + i]!);
    into.set(
      body[at]! & 15,
      Uint16Array.from({ length: 64 }, (_, i) => entry(i)),
    );
    at += 1 + size;
  }
}

interface ScanState {
  readonly huffman: ReadonlyMap<number, HuffmanTable>;
  readonly quantisation: ReadonlyMap<number, Uint16Array>;
  readonly restartInterval: number;
  readonly samples: Uint16Array;
}

function readScan(
  { body, offset }: JpegSegment,
  frame: JpegFrameHeader,
  frameBody: Uint8Array,
  state: ScanState,
): Scan {
  const count = body[0] ?? 0;
  if (count < 1 || count > frame.components || body.length < 4 + 2 * count)
    throw corrupt('the scan header does not fit its frame', offset);
  const components = Array.from({ length: count }, (_, i): ScanComponent => {
    const id = body[1 + 2 * i]!;
    const tables = body[2 + 2 * i]!;
    let index = 0;
    while (index < frame.components && frameBody[6 + 3 * index] !== id) index++;
    if (index === frame.components) throw corrupt('a scan names a component that the frame does not have', offset);
    return {
      index,
      quantisation: state.quantisation.get(frameBody[8 + 3 * index]! & 15),
      dc: state.huffman.get(tables >> 4),
      ac: state.huffman.get(16 + (tables & 15)),
    };
  });
  return {
    frame,
    components,
    restartInterval: state.restartInterval,
    selection: body[1 + 2 * count]!,
    pointTransform: body[3 + 2 * count]! & 15,
    samples: state.samples,
  };
}
