import { parseDefault } from './attribute-default.js';
import type { OpAttribute } from './attributes.js';
import type { CApi } from './c-api.js';
import { koffi } from './koffi.js';
import { ProtoReader } from './proto-reader.js';

/** What this package needs to know about a TensorFlow op (`tensorflow/core/framework/op_def.proto`). */
export interface OpDefinition {
  readonly name: string;
  readonly inputs: readonly OpArgument[];
  readonly outputs: readonly OpArgument[];
  /** Attribute name -> its type as the proto spells it, e.g. `int`, `list(int)`, `type`. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Attributes that need not be given, with the value they then have; only kinds that can be set by hand. */
  readonly defaults: readonly OpAttribute[];
  readonly stateful: boolean;
}

export interface OpArgument {
  readonly name: string;
  /** Attribute that says how many tensors of one type the argument takes. */
  readonly numberAttribute?: string;
  /** Attribute that lists the types of the tensors the argument takes. */
  readonly typeListAttribute?: string;
  /** Attribute that holds the type of the argument. */
  readonly typeAttribute?: string;
  /** The type, when it is fixed. */
  readonly type?: number;
}

/** All ops of the loaded library, parsed from its own registry on demand. */
export class OpDefinitions {
  readonly #encoded = new Map<string, Uint8Array>();
  readonly #parsed = new Map<string, OpDefinition>();

  constructor(api: CApi) {
    for (const { field, bytes } of new ProtoReader(opListBytes(api)).fields()) {
      if (field === 1 && bytes !== undefined) this.#encoded.set(nameOf(bytes), bytes);
    }
  }

  get(name: string): OpDefinition | undefined {
    const known = this.#parsed.get(name);
    if (known !== undefined) return known;
    const bytes = this.#encoded.get(name);
    if (bytes === undefined) return undefined;
    const definition = parseOp(name, bytes);
    this.#parsed.set(name, definition);
    return definition;
  }
}

function opListBytes(api: CApi): Uint8Array {
  const buffer = api.TF_GetAllOpList();
  try {
    const layout = koffi().struct({ data: 'void *', length: 'size_t', dealloc: 'void *' });
    const { data, length } = koffi().decode(buffer, layout) as { data: bigint; length: number | bigint };
    return new Uint8Array(koffi().view(data, Number(length))).slice();
  } finally {
    api.TF_DeleteBuffer(buffer);
  }
}

function nameOf(op: Uint8Array): string {
  for (const { field, bytes } of new ProtoReader(op).fields())
    if (field === 1 && bytes !== undefined) return text(bytes);
  return '';
}

function parseOp(name: string, op: Uint8Array): OpDefinition {
  const inputs: OpArgument[] = [];
  const outputs: OpArgument[] = [];
  const attributes = new Map<string, string>();
  const defaults: OpAttribute[] = [];
  let stateful = false;
  for (const { field, bytes, value } of new ProtoReader(op).fields()) {
    if (field === 2 && bytes !== undefined) inputs.push(parseArgument(bytes));
    else if (field === 3 && bytes !== undefined) outputs.push(parseArgument(bytes));
    else if (field === 4 && bytes !== undefined) {
      const attribute = parseAttribute(bytes);
      attributes.set(attribute.name, attribute.type);
      if (attribute.default !== undefined) defaults.push(attribute.default);
    } else if (field === 17) stateful = value === 1;
  }
  // Attributes that follow from the inputs are not a matter of defaults.
  const implied = new Set(
    inputs.flatMap((input) => [input.typeAttribute, input.numberAttribute, input.typeListAttribute]),
  );
  return {
    name,
    inputs,
    outputs,
    attributes,
    defaults: defaults.filter((attribute) => !implied.has(attribute.name)),
    stateful,
  };
}

function parseArgument(argument: Uint8Array): OpArgument {
  const result: { -readonly [K in keyof OpArgument]: OpArgument[K] } = { name: '' };
  for (const { field, bytes, value } of new ProtoReader(argument).fields()) {
    if (field === 3 && value !== undefined) result.type = value;
    if (bytes === undefined) continue;
    if (field === 1) result.name = text(bytes);
    else if (field === 4) result.typeAttribute = text(bytes);
    else if (field === 5) result.numberAttribute = text(bytes);
    else if (field === 6) result.typeListAttribute = text(bytes);
  }
  return result;
}

function parseAttribute(attribute: Uint8Array): { name: string; type: string; default: OpAttribute | undefined } {
  let name = '';
  let type = '';
  let value: Uint8Array | undefined;
  for (const { field, bytes } of new ProtoReader(attribute).fields()) {
    if (bytes === undefined) continue;
    if (field === 1) name = text(bytes);
    else if (field === 2) type = text(bytes);
    else if (field === 3) value = bytes;
  }
  return { name, type, default: value === undefined ? undefined : parseDefault(name, type, value) };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
