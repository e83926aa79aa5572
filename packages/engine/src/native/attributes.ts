import { EngineError } from '../errors.js';
import type { CApi } from './c-api.js';
import type { NodeDescriptionPointer, OpPointer } from './pointers.js';
import type { Status } from './status.js';
import { int64s } from './tensor-values.js';

/** Kinds of attribute, numbered as `TF_AttrType` (`tensorflow/c/tf_attrtype.h`). */
export const AttrKind = { STRING: 0, INT: 1, FLOAT: 2, BOOL: 3, TYPE: 4, SHAPE: 5, RESOURCE: 20 } as const;

/** One attribute of an op, as tfjs-node's kernels write it: `value` is one value or a list of the kind. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The setters of an eager op or of a graph node: the two halves of the C API have the same ones under other names. */
export interface AttributeTarget {
  string(name: string, value: Uint8Array): void;
  strings(name: string, values: readonly Uint8Array[]): void;
  int(name: string, value: number): void;
  ints(name: string, values: readonly number[]): void;
  float(name: string, value: number): void;
  floats(name: string, values: readonly number[]): void;
  bool(name: string, value: boolean): void;
  type(name: string, value: number): void;
  types(name: string, values: readonly number[]): void;
  shape(name: string, dims: readonly number[]): void;
}

export function eagerAttributes(api: CApi, op: OpPointer, status: Status): AttributeTarget {
  return {
    string: (name, value) => api.TFE_OpSetAttrString(op, name, value, value.byteLength),
    strings: (name, values) => api.TFE_OpSetAttrStringList(op, name, values, lengthsOf(values), values.length),
    int: (name, value) => api.TFE_OpSetAttrInt(op, name, value),
    ints: (name, values) => api.TFE_OpSetAttrIntList(op, name, int64s(values), values.length),
    float: (name, value) => api.TFE_OpSetAttrFloat(op, name, value),
    floats: (name, values) => api.TFE_OpSetAttrFloatList(op, name, Float32Array.from(values), values.length),
    bool: (name, value) => api.TFE_OpSetAttrBool(op, name, value ? 1 : 0),
    type: (name, value) => api.TFE_OpSetAttrType(op, name, value),
    types: (name, values) => api.TFE_OpSetAttrTypeList(op, name, Int32Array.from(values), values.length),
    shape: (name, dims) => {
      api.TFE_OpSetAttrShape(op, name, int64s(dims), dims.length, status.pointer);
      status.check(`attribute ${name}`);
    },
  };
}

export function nodeAttributes(api: CApi, node: NodeDescriptionPointer): AttributeTarget {
  return {
    string: (name, value) => api.TF_SetAttrString(node, name, value, value.byteLength),
    strings: (name, values) => api.TF_SetAttrStringList(node, name, values, lengthsOf(values), values.length),
    int: (name, value) => api.TF_SetAttrInt(node, name, value),
    ints: (name, values) => api.TF_SetAttrIntList(node, name, int64s(values), values.length),
    float: (name, value) => api.TF_SetAttrFloat(node, name, value),
    floats: (name, values) => api.TF_SetAttrFloatList(node, name, Float32Array.from(values), values.length),
    bool: (name, value) => api.TF_SetAttrBool(node, name, value ? 1 : 0),
    type: (name, value) => api.TF_SetAttrType(node, name, value),
    types: (name, values) => api.TF_SetAttrTypeList(node, name, Int32Array.from(values), values.length),
    shape: (name, dims) => api.TF_SetAttrShape(node, name, int64s(dims), dims.length),
  };
}

/** Checks an attribute's value and sets it. @throws {EngineError} `NATIVE_ARGUMENT` when the value is not of the kind named */
export function setAttribute(target: AttributeTarget, op: string, attribute: OpAttribute): void {
  const { name, type, value } = attribute;
  const list = Array.isArray(value);
  const values: readonly unknown[] = list ? value : [value];
  const fail = (wanted: string): never => {
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `${op}: attribute ${name} takes ${wanted}, got ${JSON.stringify(value) ?? 'undefined'}.`,
    );
  };
  switch (type) {
    case AttrKind.STRING: {
      const bytes = values.map((item) =>
        typeof item === 'string' ? Buffer.from(item, 'utf8') : item instanceof Uint8Array ? item : fail('a string'),
      );
      return list ? target.strings(name, bytes) : target.string(name, bytes[0] ?? fail('a string'));
    }
    case AttrKind.INT: {
      const ints = values.map((item) => (Number.isSafeInteger(item) ? (item as number) : fail('integers')));
      return list ? target.ints(name, ints) : target.int(name, ints[0] ?? fail('an integer'));
    }
    case AttrKind.FLOAT: {
      const floats = values.map((item) => (typeof item === 'number' ? item : fail('numbers')));
      return list ? target.floats(name, floats) : target.float(name, floats[0] ?? fail('a number'));
    }
    case AttrKind.BOOL:
      return list ? fail('one boolean') : target.bool(name, Boolean(value));
    case AttrKind.TYPE: {
      const types = values.map((item) =>
        Number.isSafeInteger(item) && (item as number) > 0 ? (item as number) : fail('data types'),
      );
      return list ? target.types(name, types) : target.type(name, types[0] ?? fail('a data type'));
    }
    case AttrKind.SHAPE: {
      if (!list) return fail('a shape');
      return target.shape(
        name,
        values.map((dim) => (Number.isSafeInteger(dim) && (dim as number) >= -1 ? (dim as number) : fail('a shape'))),
      );
    }
    default:
      throw new EngineError('NATIVE_ARGUMENT', `${op}: attribute ${name} has the unknown kind ${type}.`);
  }
}

const lengthsOf = (values: readonly Uint8Array[]) => BigUint64Array.from(values, (value) => BigInt(value.byteLength));

/** Shorthands for writing attributes by hand. */
export const attr = {
  string: (name: string, value: string | Uint8Array | readonly string[]): OpAttribute => ({
    name,
    type: AttrKind.STRING,
    value,
  }),
  int: (name: string, value: number | readonly number[]): OpAttribute => ({ name, type: AttrKind.INT, value }),
  float: (name: string, value: number): OpAttribute => ({ name, type: AttrKind.FLOAT, value }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: AttrKind.BOOL, value }),
  type: (name: string, value: number | readonly number[]): OpAttribute => ({ name, type: AttrKind.TYPE, value }),
  shape: (name: string, value: readonly number[]): OpAttribute => ({ name, type: AttrKind.SHAPE, value }),
};
