import { MultichexnetError } from '../errors.js';

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: Record<string, NamedTensor>;
  readonly metadata: Record<string, string>;
}

const METADATA = '__metadata__';
/** Header limit of the reference implementation. */
const MAX_HEADER = 100_000_000;

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** V8 of Node 24 takes one such key for another when it parses JSON (seen in 24.21): a file with them would not read back everywhere. */

const ESCAPED = /["\\\u0000-\u001f]/;

/** Serialises float32 tensors in the safetensors format, names sorted, so that equal values give equal bytes. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, NamedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return Buffer.concat(safetensorsChunks(tensors, metadata));
}

/** The same bytes in pieces, the tensors' own memory: to write a file of them takes no copy of the whole. */
export function safetensorsChunks(
  tensors: Readonly<Record<string, NamedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const header = Object.create(null) as Record<string, unknown>; // no prototype: a tensor may have any name
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  let offset = 0;
  const names = Object.keys(tensors).sort();
  for (const name of names) {
    const { shape, data } = tensors[name] as NamedTensor;
    if (name === METADATA) throw new MultichexnetError('WEIGHTS_NAME', `no tensor can be named "${METADATA}"`);
    if (ESCAPED.test(name))
      throw new MultichexnetError(
        'WEIGHTS_NAME',
        `tensor name ${JSON.stringify(name)} has a quote, a backslash or a control character`,
      );
    if (data.length !== shape.reduce((product, side) => product * side, 1))
      throw new MultichexnetError(
        'WEIGHTS_SHAPE',
        `tensor "${name}" has ${data.length} values for shape [${shape.join(', ')}]`,
      );
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = (8 - (json.length % 8)) % 8;
  const head = Buffer.alloc(8 + json.length + padding, 0x20);
  head.writeBigUInt64LE(BigInt(json.length + padding), 0);
  json.copy(head, 8);
  const bodies = names.map((name) => {
    const { data } = tensors[name] as NamedTensor;
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  });
  return [head, ...bodies];
}

/**
 * Reads float32 (or float16/bfloat16, widened) tensors. Nothing in the file can execute, and no memory beyond the file's own size is taken.
 * @throws MultichexnetError WEIGHTS_CORRUPT with what is wrong
 */
export function decodeSafetensors(bytes: Uint8Array, file?: string): SafetensorsFile {
  const corrupt: Corrupt = (what) =>
    new MultichexnetError(
      'WEIGHTS_CORRUPT',
      `not a whole safetensors file: ${what}`,
      file === undefined ? {} : { file },
    );
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 8) throw corrupt(`${view.length} bytes`);
  const headerLength = Number(view.readBigUInt64LE(0));
  if (headerLength > MAX_HEADER || 8 + headerLength > view.length)
    throw corrupt(`header of ${headerLength} bytes in a file of ${view.length}`);
  const header = parseHeader(view.subarray(8, 8 + headerLength), corrupt);
  const metadata = checkMetadata(header[METADATA] ?? {}, corrupt);
  const body = view.subarray(8 + headerLength);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => [name, checkEntry(name, value, corrupt)] as const);
  // Every byte belongs to one tensor: checked before any is copied, so that entries that share bytes cannot multiply them in memory.
  const spans = entries.map(([, { data_offsets }]) => data_offsets).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let at = 0;
  for (const [begin, end] of spans) {
    if (begin !== at)
      throw corrupt(begin < at ? `tensors overlap at byte ${begin}` : `a hole of ${begin - at} bytes at ${at}`);
    at = end;
  }
  if (at > body.length) throw corrupt(`the last tensor ends at ${at} of ${body.length} bytes`);
  if (at < body.length) throw corrupt(`${body.length - at} bytes after the last tensor`);
  const tensors = Object.create(null) as Record<string, NamedTensor>;
  for (const [name, { dtype, shape, data_offsets }] of entries)
    tensors[name] = { shape, data: widen(dtype, body.subarray(...data_offsets), name, corrupt) };
  return { tensors, metadata };
}

type Corrupt = (what: string) => MultichexnetError;

function parseHeader(bytes: Uint8Array, corrupt: Corrupt): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw corrupt(`header is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw corrupt('header is no object');
  const names = Object.keys(header);
  if (countPairs(text) !== names.length) throw corrupt('header has one name twice');
  return header as Record<string, unknown>;
}

/** Pairs of the outermost object of valid JSON: `JSON.parse` keeps the last of equal names without a word. */
function countPairs(json: string): number {
  let [depth, pairs, quoted] = [0, 0, false];
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (quoted) {
      if (char === '\\') i++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ':' && depth === 1) pairs++;
  }
  return pairs;
}

function checkMetadata(value: unknown, corrupt: Corrupt): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(`${METADATA} is no object`);
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string') throw corrupt(`${METADATA} "${key}" is no text`);
  return value as Record<string, string>;
}

const WIDTH: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8, I32: 4 };

function checkEntry(name: string, value: unknown, corrupt: Corrupt): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<HeaderEntry>;
  const whole = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (typeof dtype !== 'string' || !Object.hasOwn(WIDTH, dtype))
    throw corrupt(`tensor "${name}" has dtype ${String(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(whole))
    throw corrupt(`tensor "${name}" has shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole))
    throw corrupt(`tensor "${name}" has offsets ${JSON.stringify(offsets)}`);
  // Once past the exact numbers it stays there, a side of 0 or not.
  const bytes = shape.reduce(
    (n: number, side: number) => (Number.isSafeInteger(n * side) ? n * side : NaN),
    WIDTH[dtype] as number,
  );
  const [begin, end] = offsets as unknown as [number, number];
  if (end - begin !== bytes)
    throw corrupt(`tensor "${name}" of shape [${shape.join(', ')}] holds ${end - begin} bytes`);
  return { dtype, shape: shape, data_offsets: [begin, end] };
}

function widen(dtype: string, bytes: Buffer, name: string, corrupt: Corrupt): Float32Array {
  const count = bytes.length / (WIDTH[dtype] as number);
  const out = new Float32Array(count);
  switch (dtype) {
    case 'F32':
      new Uint8Array(out.buffer).set(bytes);
      return out;
    case 'BF16': {
      const words = new Uint32Array(out.buffer);
      for (let i = 0; i < count; i++) words[i] = bytes.readUInt16LE(2 * i) << 16;
      return out;
    }
    case 'F16':
      for (let i = 0; i < count; i++) out[i] = halfToFloat(bytes.readUInt16LE(2 * i));
      return out;
    case 'F64':
      for (let i = 0; i < count; i++) out[i] = bytes.readDoubleLE(8 * i);
      return out;
    case 'I32':
      for (let i = 0; i < count; i++) out[i] = bytes.readInt32LE(4 * i);
      return out;
    case 'I64': // torch's num_batches_tracked
      for (let i = 0; i < count; i++) out[i] = Number(bytes.readBigInt64LE(8 * i));
      return out;
    default:
      throw corrupt(`tensor "${name}" has dtype ${dtype}`);
  }
}

/** IEEE 754 binary16 to number. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
