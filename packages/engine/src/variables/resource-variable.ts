import { EngineError } from '../errors.js';
import { attr } from '../native/attributes.js';
import { DType, dtypeName } from '../native/dtype.js';
import type { NativeRuntime } from '../native/native-runtime.js';
import type { HostValues, ReadValues } from '../native/tensor-values.js';

let serial = 0;

/** A TensorFlow resource variable: one buffer that traced steps update in place. Lives until `destroy`. */
export class ResourceVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly #runtime: NativeRuntime;
  readonly #onDestroy: (variable: ResourceVariable) => void;
  #handle: number | undefined;

  /** @param initial id of the native tensor with the first value; stays the caller's */
  constructor(runtime: NativeRuntime, name: string, initial: number, onDestroy: (variable: ResourceVariable) => void) {
    const { shape, dtype } = runtime.handles.get(initial);
    this.name = name;
    this.shape = shape;
    this.dtype = dtype;
    this.#runtime = runtime;
    this.#onDestroy = onDestroy;
    // The serial number keeps two variables of one name apart, across engines as well.
    const attributes = [
      attr.type('dtype', dtype),
      attr.shape('shape', shape),
      attr.string('shared_name', `${name}#${serial++}`),
      attr.string('container', ''),
    ];
    this.#handle = runtime.execute('VarHandleOp', attributes, [], 1)[0]?.id;
    this.write(initial);
  }

  /** A variable that starts with these values. */
  static of(
    runtime: NativeRuntime,
    name: string,
    shape: readonly number[],
    dtype: number,
    values: HostValues,
    onDestroy: (v: ResourceVariable) => void,
  ) {
    const { id } = runtime.createTensor(shape, dtype, values);
    try {
      return new ResourceVariable(runtime, name, id, onDestroy);
    } finally {
      runtime.handles.delete(id);
    }
  }

  /** A variable that starts as zeros. */
  static zeros(
    runtime: NativeRuntime,
    name: string,
    shape: readonly number[],
    dtype: number,
    onDestroy: (v: ResourceVariable) => void,
  ) {
    const id = zerosOf(runtime, shape, dtype);
    try {
      return new ResourceVariable(runtime, name, id, onDestroy);
    } finally {
      runtime.handles.delete(id);
    }
  }

  /** Id of the resource handle. @throws {EngineError} `VARIABLE_RELEASED` */
  get handle(): number {
    if (this.#handle === undefined)
      throw new EngineError('VARIABLE_RELEASED', `Variable ${this.name} was released and has no value any more.`);
    return this.#handle;
  }

  get destroyed(): boolean {
    return this.#handle === undefined;
  }

  /** Id of a tensor with the present value; the caller deletes it. */
  read(): number {
    return this.#runtime.execute('ReadVariableOp', [attr.type('dtype', this.dtype)], [this.handle], 1)[0]?.id as number;
  }

  /** The present value, copied. */
  values(): ReadValues {
    const id = this.read();
    try {
      return this.#runtime.read(id);
    } finally {
      this.#runtime.handles.delete(id);
    }
  }

  /** Replaces the value. @throws {EngineError} `VARIABLE_VALUE` for another shape or dtype */
  write(id: number): void {
    const value = this.#runtime.handles.get(id);
    this.assertFits(value.shape, value.dtype);
    // AssignVariableOp may keep the very buffer it is given, so a tensor that lives on is copied when the variable is next updated in place.
    this.#runtime.execute(
      'AssignVariableOp',
      [attr.type('dtype', this.dtype), attr.bool('validate_shape', true)],
      [this.handle, id],
      0,
    );
  }

  writeValues(values: HostValues): void {
    const { id } = this.#runtime.createTensor(this.shape, this.dtype, values);
    this.#writeAndFree(id);
  }

  writeZeros(): void {
    this.#writeAndFree(zerosOf(this.#runtime, this.shape, this.dtype));
  }

  #writeAndFree(id: number): void {
    try {
      this.write(id);
    } finally {
      this.#runtime.handles.delete(id);
    }
  }

  assertFits(shape: readonly number[], dtype: number): void {
    if (
      dtype === this.dtype &&
      shape.length === this.shape.length &&
      shape.every((dim, axis) => dim === this.shape[axis])
    )
      return;
    throw new EngineError(
      'VARIABLE_VALUE',
      `Variable ${this.name} is ${dtypeName(this.dtype)} of shape [${this.shape.join(', ')}]; a ${dtypeName(dtype)} of shape [${shape.join(', ')}] was given.`,
    );
  }

  /** Frees the value. Safe to call twice. */
  destroy(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    this.#onDestroy(this);
    if (this.#runtime.disposed) return;
    try {
      this.#runtime.execute('DestroyResourceOp', [attr.bool('ignore_lookup_error', true)], [handle], 0);
    } finally {
      this.#runtime.handles.delete(handle);
    }
  }
}

function zerosOf(runtime: NativeRuntime, shape: readonly number[], dtype: number): number {
  const dims = runtime.createTensor([shape.length], DType.INT32, shape).id;
  const zero = runtime.createTensor([], dtype, [0]).id;
  try {
    return runtime.execute('Fill', [attr.type('T', dtype), attr.type('index_type', DType.INT32)], [dims, zero], 1)[0]
      ?.id as number;
  } finally {
    runtime.handles.delete(dims);
    runtime.handles.delete(zero);
  }
}
