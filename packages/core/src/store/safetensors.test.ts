import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMultichexnetError } from '../errors.js';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors.js';

interface Golden {
  readonly written: Record<
    string,
    {
      readonly file: string;
      readonly metadata: Record<string, string>;
      readonly tensors: Record<string, { readonly shape: number[]; readonly values: (number | string)[] }>;
    }
  >;
  readonly damaged: Record<string, string>;
}

const golden = JSON.parse(readFileSync(new URL('./golden/safetensors.json', import.meta.url), 'utf8')) as Golden;
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const float = (value: number | string): number =>
  Math.fround(typeof value === 'number' ? value : value === 'nan' ? NaN : value === 'inf' ? Infinity : -Infinity);

function expectCorrupt(bytes: Uint8Array, name: string): void {
  let caught: unknown;
  try {
    decodeSafetensors(bytes, '/w/model.safetensors');
  } catch (error) {
    caught = error;
  }
  if (!isMultichexnetError(caught)) throw new Error(`${name}: not refused, or not by a coded error`, { cause: caught });
  expect(caught.code, name).toBe('WEIGHTS_CORRUPT');
  expect(caught.place.file).toBe('/w/model.safetensors');
}

test.each(Object.entries(golden.written))('reads what the reference wrote: %s', (_, { file, metadata, tensors }) => {
  const read = decodeSafetensors(fromBase64(file));
  expect(read.metadata).toEqual(metadata);
  expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort());
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    expect(read.tensors[name]?.shape).toEqual(shape);
    expect([...(read.tensors[name]?.data ?? [])]).toEqual(values.map(float));
  }
});

test('writes the very bytes of the reference', () => {
  const { file, metadata, tensors } = golden.written['float32']!;
  const values = Object.entries(tensors).map(([name, entry]): [string, NamedTensor] => [
    name,
    { shape: entry.shape, data: Float32Array.from(entry.values, float) },
  ]);
  const bytes = encodeSafetensors(Object.fromEntries(values.reverse()), metadata);
  expect(Buffer.from(bytes).toString('base64')).toBe(file);
});

test.each(Object.entries(golden.damaged))('refuses what the reference refuses: %s', (name, file) => {
  expectCorrupt(fromBase64(file), name);
});

test('refuses entries that share bytes before it copies any', () => {
  const values = new Float32Array(2 ** 20);
  const entries = Array.from({ length: 5000 }, (_, i) => [
    `t${i}`,
    { dtype: 'F32', shape: [2 ** 20], data_offsets: [0, 2 ** 22] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const before = process.memoryUsage().arrayBuffers;
  expectCorrupt(Buffer.concat([length, header, new Uint8Array(values.buffer)]), 'shared');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
});

const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return fc.float32Array({ minLength: size, maxLength: size }).map((data): NamedTensor => ({ shape, data }));
});
const name = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__' && !/["\\\u0000-\u001f]/.test(text)),
  fc.constantFrom('__proto__', 'constructor', '1', '0', 'a:b', 'a{b:1}', ''),
);
const tensors = fc.dictionary(name, tensor, { maxKeys: 6 });

test('reads back what it wrote, whatever the names and shapes', () => {
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.constantFrom('a', 'b:', '{'), fc.string()), (values, metadata) => {
      const bytes = encodeSafetensors(values, metadata);
      const read = decodeSafetensors(bytes);
      expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(values).sort());
      for (const [key, value] of Object.entries(values)) {
        const entry = Object.getOwnPropertyDescriptor(read.tensors, key)?.value as NamedTensor;
        expect(entry.shape).toEqual(value.shape);
        expect(Buffer.from(entry.data.buffer)).toEqual(
          Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength),
        );
      }
      expect({ ...read.metadata }).toEqual({ ...metadata });
      expect(encodeSafetensors(read.tensors, metadata)).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

test.each(['"', 'a\\b', 'a\nb', '__metadata__'])(
  'the name %j is refused, since it would not read back everywhere',
  (bad) => {
    expect(() => encodeSafetensors({ [bad]: { shape: [], data: new Float32Array(1) } })).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_NAME' }),
    );
  },
);

test('damaged bytes are a coded error or another whole file, never a crash', () => {
  const base = encodeSafetensors({
    a: { shape: [2, 2], data: new Float32Array(4) },
    b: { shape: [], data: new Float32Array(1) },
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(base.length),
      (changes, cut) => {
        const bytes = base.slice();
        for (const [at, value] of changes) bytes[at] = value;
        for (const damaged of [bytes, bytes.subarray(0, cut)]) {
          try {
            const read = decodeSafetensors(damaged);
            for (const { shape, data } of Object.values(read.tensors))
              expect(data.length).toBe(shape.reduce((x, y) => x * y, 1));
          } catch (error) {
            if (!isMultichexnetError(error)) throw error;
            expect(error.code).toBe('WEIGHTS_CORRUPT');
          }
        }
      },
    ),
    { numRuns: 5000 },
  );
});

test('a view into a larger buffer is read at its own offset', () => {
  const bytes = encodeSafetensors({ a: { shape: [3], data: Float32Array.of(1, 2, 3) } });
  const larger = new Uint8Array(bytes.length + 5);
  larger.set(bytes, 5);
  expect([...decodeSafetensors(larger.subarray(5)).tensors['a']!.data]).toEqual([1, 2, 3]);
  const part = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
  expect([...decodeSafetensors(encodeSafetensors({ a: { shape: [2], data: part } })).tensors['a']!.data]).toEqual([
    1, 2,
  ]);
});

test('refuses to write a tensor that its shape does not fit, or under the reserved name', () => {
  expect(() => encodeSafetensors({ a: { shape: [2], data: new Float32Array(3) } })).toThrow(
    expect.objectContaining({ code: 'WEIGHTS_SHAPE' }),
  );
  expect(() => encodeSafetensors({ __metadata__: { shape: [1], data: new Float32Array(1) } })).toThrow(
    expect.objectContaining({ code: 'WEIGHTS_NAME' }),
  );
});
