import { expect, test } from 'vitest';
import { encodeConfig } from '../session-config.js';
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
  // As Python's ConfigProto serialises them: device_count {'GPU': 0}, then gpu_options {allow_growth: true}.
  const noGpu = '0a070a034750551000';
  expect(Buffer.from(encodeConfig({})).toString('hex')).toBe(noGpu);
  expect(Buffer.from(encodeConfig({ device: 'gpu' })).toString('hex')).toBe('32022001');
  expect(Buffer.from(encodeConfig({ threads: 2, precision: 'bfloat16' })).toString('hex')).toBe(
    `${noGpu}1002280252055203f80101`,
  );
  expect(Buffer.from(encodeConfig({ threads: 300 })).toString('hex')).toBe(`${noGpu}10ac0228ac02`);
  expect(() => encodeConfig({ device: 'gpu', precision: 'bfloat16' })).toThrow(/ENGINE_OPTIONS.*bfloat16/s);
});
