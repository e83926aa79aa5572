import { thrownText } from '../errors.js';
import { codecFailed, type DecodedFrame } from './decoded-frame.js';

/** The decoder class that each of the @cornerstonejs codecs exports, as far as it is used here. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  readHeader?(): void;
  getFrameInfo(): FrameInfo;
  getDecodedBuffer(): Uint8Array | Uint8ClampedArray;
  /** JPEG-LS: 0 planes, 1 by line, 2 by sample. */
  getInterleaveMode?(): number | { readonly value: number };
  delete(): void;
}

interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  readonly isSigned?: boolean;
}

interface CodecModule {
  readonly HEAPU8: Uint8Array;
  readonly getExceptionMessage?: (pointer: number) => string;
}

type CodecFactory = (options: { print(): void; printErr(): void }) => Promise<unknown>;

/** Memory of a WebAssembly instance never shrinks: one that grew beyond this is let go after its frame. */
const keptBytes = 128 * 1024 * 1024;

/** A codec in WebAssembly, loaded at its first use in each thread. */
export interface WasmCodec {
  readonly name: string;
  readonly load: () => Promise<{ readonly default: CodecFactory }>;
  /** Class in it. */
  readonly decoder: string;
}

const instances = new Map<WasmCodec, Promise<CodecModule>>();

/**
 * Decodes one frame whose header has been checked. After any failure the instance is thrown away: a codec that stopped in the
 * middle leaves its memory in an unknown state.
 * @throws ImagingError CODEC_FAILED
 */
export async function decodeWithWasm(codec: WasmCodec, bytes: Uint8Array): Promise<DecodedFrame> {
  const module = await instanceOf(codec);
  try {
    const frame = run(codec, module, bytes);
    if (module.HEAPU8.length > keptBytes) instances.delete(codec);
    return frame;
  } catch (thrown) {
    instances.delete(codec);
    throw codecFailed(codec.name, `the frame cannot be decoded (${messageOf(thrown, module)})`, thrown);
  }
}

function instanceOf(codec: WasmCodec): Promise<CodecModule> {
  let instance = instances.get(codec);
  if (instance === undefined) {
    instance = codec
      .load()
      .then(({ default: factory }) => factory({ print: silent, printErr: silent })) as Promise<CodecModule>;
    instances.set(codec, instance);
  }
  return instance;
}

function run(codec: WasmCodec, module: CodecModule, bytes: Uint8Array): DecodedFrame {
  const DecoderClass = (module as unknown as Record<string, new () => Decoder>)[codec.decoder]!;
  const decoder = new DecoderClass();
  decoder.getEncodedBuffer(bytes.length).set(bytes);
  decoder.readHeader?.();
  decoder.decode();
  const { width, height, bitsPerSample, componentCount, isSigned } = decoder.getFrameInfo();
  if (width === 0 || height === 0) throw new Error('damaged or cut'); // OpenJPEG says so on the console alone
  const wide = bitsPerSample > 8;
  const count = width * height * componentCount;
  const decoded = decoder.getDecodedBuffer();
  if (decoded.length !== count * (wide ? 2 : 1)) throw new Error(`${decoded.length} bytes for ${count} samples`);
  // A copy: the codec's memory, a clamped array for some of them, is overwritten by the next frame.
  const own = new Uint8Array(decoded);
  const mode = decoder.getInterleaveMode?.() ?? 2;
  decoder.delete();
  const samples = wide ? new Uint16Array(own.buffer) : own;
  const planes = componentCount > 1 && (typeof mode === 'number' ? mode : mode.value) === 0;
  return {
    width,
    height,
    components: componentCount,
    precision: bitsPerSample,
    signed: isSigned === true,
    samples: planes ? interleaved(samples, componentCount) : samples,
  };
}

function interleaved(planes: Uint8Array | Uint16Array, components: number): Uint8Array | Uint16Array {
  const pixels = planes.length / components;
  return planes.map((_, i) => planes[(i % components) * pixels + Math.floor(i / components)]!);
}

/** C++ exceptions arrive as pointers, or as objects of Emscripten's. */
function messageOf(thrown: unknown, module: CodecModule): string {
  if (typeof thrown !== 'number') return thrownText(thrown);
  try {
    return thrownText(module.getExceptionMessage?.(thrown) ?? 'an exception of the codec');
  } catch {
    return 'an exception of the codec';
  }
}

function silent(): void {
  // codecs write warnings about damaged streams to the console
}
