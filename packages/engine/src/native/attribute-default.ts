import { AttrKind, type OpAttribute } from './attributes.js';
import { ProtoReader } from './proto-reader.js';

/** Fields of `AttrValue` and of its `ListValue` (`tensorflow/core/framework/attr_value.proto`), which have the same numbers. */
const FIELD: Readonly<Record<string, number>> = { string: 2, int: 3, float: 4, bool: 5, type: 6 };
const KIND: Readonly<Record<string, number>> = {
  string: AttrKind.STRING,
  int: AttrKind.INT,
  float: AttrKind.FLOAT,
  bool: AttrKind.BOOL,
  type: AttrKind.TYPE,
};

/** The default value of an attribute of that type (`int`, `list(int)`, ...), or `undefined` for kinds that are not set by hand. */
export function parseDefault(name: string, type: string, encoded: Uint8Array): OpAttribute | undefined {
  const element = /^list\((\w+)\)$/.exec(type)?.[1];
  const base = element ?? type;
  const kind = KIND[base];
  if (kind === undefined || (element !== undefined && base === 'bool')) return undefined;
  const values: unknown[] = [];
  for (const { field, value, bytes, float } of new ProtoReader(listOf(encoded, element !== undefined)).fields()) {
    if (field !== FIELD[base]) continue;
    if (bytes !== undefined && base !== 'string')
      values.push(...ProtoReader.packed(bytes, base === 'float' ? 'float' : 'varint'));
    else values.push(bytes ?? float ?? value);
  }
  if (element !== undefined) return { name, type: kind, value: values };
  const [value] = values;
  if (value === undefined) return undefined;
  return { name, type: kind, value: base === 'bool' ? value === 1 : value };
}

/** The list inside an `AttrValue` (its field 1), or the value itself. */
function listOf(encoded: Uint8Array, list: boolean): Uint8Array {
  if (!list) return encoded;
  for (const { field, bytes } of new ProtoReader(encoded).fields())
    if (field === 1 && bytes !== undefined) return bytes;
  return new Uint8Array(0);
}
