import { expect, test } from 'vitest';
import { encodeConfig, type SessionOptions } from '../session-config.js';
import { parseDefault } from './attribute-default.js';
import { ProtoReader } from './proto-reader.js';

test('reads varints, bytes, fixed fields and skips what it does not know', () => {
  const message = Uint8Array.from([
    0x08, 0x96, 0x01, 0x12, 0x02, 0x68, 0x69, 0x1d, 0, 0, 0x80, 0x3f, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x28, 0x05,
  ]);
  expect([...new ProtoReader(message).fields()]).toEqual([
    { field: 1, value: 150 },
    { field: 2, bytes: Uint8Array.from([0x68, 0x69]) },
    { field: 3, float: 1 },
    { field: 5, value: 5 },
  ]);
});

test('a message that ends too early is an error', () => {
  expect(() => [...new ProtoReader(Uint8Array.from([0x08, 0x96])).fields()]).toThrow(RangeError);
  expect(() => [...new ProtoReader(Uint8Array.from([0x0b])).fields()]).toThrow(RangeError);
});

test('default values of attributes come out as they are set', () => {
  expect(parseDefault('data_format', 'string', Uint8Array.from([0x12, 0x02, 0x41, 0x42]))).toEqual({
    name: 'data_format',
    type: 0,
    value: Uint8Array.from([0x41, 0x42]),
  });
  expect(
    parseDefault('axis', 'int', Uint8Array.from([0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])),
  ).toEqual({ name: 'axis', type: 1, value: -1 });
  expect(parseDefault('dilations', 'list(int)', Uint8Array.from([0x0a, 0x06, 0x1a, 0x04, 1, 2, 3, 4]))).toEqual({
    name: 'dilations',
    type: 1,
    value: [1, 2, 3, 4],
  });
  expect(parseDefault('explicit_paddings', 'list(int)', Uint8Array.from([0x0a, 0x00]))).toEqual({
    name: 'explicit_paddings',
    type: 1,
    value: [],
  });
  expect(parseDefault('flag', 'bool', Uint8Array.from([0x28, 0x01]))).toEqual({ name: 'flag', type: 3, value: true });
  expect(parseDefault('f', 'func', Uint8Array.from([0x52, 0x00]))).toBeUndefined();
});

test('the session configuration is encoded as ConfigProto has it', () => {
  // Python's ConfigProto reads: device_count {'GPU': 0}, gpu_options {allow_growth: true}; rewriters OFF, NO_MEM_OPT, one iteration, or as by default.
  const noGpu = '0a070a034750551000';
  const lean = '521e521c08021802200148025002600168027802900102b00102f00102f80102';
  const full = '521e521c08001800200048005000600068007800900100b00100f00100f80101';
  const encoded = (options: SessionOptions) => Buffer.from(encodeConfig(options)).toString('hex');
  expect(encoded({})).toBe(`${noGpu}${lean}`);
  expect(encoded({ device: 'gpu' })).toBe('32022001');
  expect(encoded({ threads: 2, precision: 'bfloat16' })).toBe(`${noGpu}10022802${full}`);
  expect(encoded({ threads: 300 })).toBe(`${noGpu}10ac0228ac02${lean}`);
  expect(() => encodeConfig({ device: 'gpu', precision: 'bfloat16' })).toThrow(/ENGINE_OPTIONS.*bfloat16/s);
});
