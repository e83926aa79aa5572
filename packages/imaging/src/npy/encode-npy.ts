import { ImagingError } from '../errors.js';

/** Element types that NumPy knows under the names in `descriptors`. */
export type NpyData =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

const descriptors: Readonly<Record<string, string>> = {
  Uint8Array: '|u1',
  Int8Array: '|i1',
  Uint16Array: '<u2',
  Int16Array: '<i2',
  Uint32Array: '<u4',
  Int32Array: '<i4',
  Float32Array: '<f4',
  Float64Array: '<f8',
};

/**
 * A NumPy file (NEP 1, version 1.0) in C order and little endian, as `numpy.load` reads it.
 * @param shape outermost first; its product is the length of `data`
 * @throws ImagingError ARGUMENT_INVALID
 */
export function encodeNpy(data: NpyData, shape: readonly number[]): Uint8Array {
  const descriptor = descriptors[data.constructor.name];
  const count = shape.reduce((product, side) => product * side, 1);
  if (descriptor === undefined || count !== data.length) {
    throw new ImagingError(
      'ARGUMENT_INVALID',
      `${data.length} values of ${data.constructor.name} in ${shape.join(' x ')}`,
    );
  }
  const sides = shape.length === 1 ? `${count},` : shape.join(', ');
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': (${sides}), }`;
  const head = Math.ceil((10 + text.length + 1) / 64) * 64; // the data begins at a multiple of 64
  const out = new Uint8Array(head + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (head - 10) & 0xff, (head - 10) >> 8]);
  out.set(Buffer.from(`${text.padEnd(head - 11)}\n`, 'latin1'), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), head);
  return out;
}
