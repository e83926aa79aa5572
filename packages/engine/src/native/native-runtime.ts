import { EngineError } from '../errors.js';
import { attr, eagerAttributes, setAttribute, type OpAttribute } from './attributes.js';
import type { CApi } from './c-api.js';
import { DType } from './dtype.js';
import { HandleTable, type TensorEntry } from './handle-table.js';
import { OpDefinitions } from './op-definitions.js';
import type { ContextPointer, DeviceListPointer, HandlePointer, OpPointer, TensorPointer } from './pointers.js';
import { ShapeGuard } from './shape-guard.js';
import { Status } from './status.js';
import { createTensor, freeStrings, readTensor, type HostValues, type ReadValues } from './tensor-values.js';

/** `TF_UNAVAILABLE` (`tensorflow/c/tf_status.h`). */
const UNAVAILABLE = 14;

/** One eager context of the native library: tensors, ops and functions. Every call checks its arguments first and throws instead of crashing. */
export class NativeRuntime {
  readonly api: CApi;
  readonly status: Status;
  readonly handles: HandleTable;
  readonly ops: OpDefinitions;
  readonly #guard: ShapeGuard;
  readonly #context: ContextPointer;
  #disposed = false;

  /**
   * @param config an encoded `tensorflow.ConfigProto`, e.g. thread counts
   * @param server an encoded `tensorflow.ServerDef`: this process is one of several that compute together
   */
  constructor(api: CApi, config: Uint8Array, server?: Uint8Array) {
    this.api = api;
    this.status = new Status(api);
    this.handles = new HandleTable(api, this.status);
    this.ops = new OpDefinitions(api);
    this.#guard = new ShapeGuard(api, this.status);
    const options = api.TFE_NewContextOptions();
    try {
      api.TFE_ContextOptionsSetConfig(options, config, config.byteLength, this.status.pointer);
      this.status.check('configuration');
      const context = api.TFE_NewContext(options, this.status.pointer);
      this.status.check('context');
      this.#context = context as ContextPointer;
    } finally {
      api.TFE_DeleteContextOptions(options);
    }
    if (server !== undefined) this.#startServer(server);
  }

  #startServer(server: Uint8Array): void {
    this.api.TFE_EnableCollectiveOps(this.#context, server, server.byteLength, this.status.pointer);
    const failure = this.status.take();
    if (failure === undefined) return;
    this.dispose();
    throw new EngineError(
      'COLLECTIVE_SERVER',
      `the server for the other processes does not start: ${failure.message} (${failure.code}); is the port taken?`,
    );
  }

  /** Types of the devices that the context computes on: `CPU`, `GPU`. */
  deviceTypes(): string[] {
    const list = this.api.TFE_ContextListDevices(this.context, this.status.pointer);
    this.status.check('devices');
    const devices = list as DeviceListPointer;
    try {
      return Array.from({ length: this.api.TF_DeviceListCount(devices) }, (_, i) => {
        const type = this.api.TF_DeviceListType(devices, i, this.status.pointer);
        this.status.check('device');
        return type;
      });
    } finally {
      this.api.TF_DeleteDeviceList(devices);
    }
  }

  get context(): ContextPointer {
    if (this.#disposed) throw new EngineError('ENGINE_DISPOSED', 'The engine was disposed; create another one.');
    return this.#context;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  createTensor(shape: readonly number[], dtype: number, values: HostValues): TensorEntry {
    void this.context;
    const tensor = createTensor(this.api, shape, dtype, values);
    try {
      const handle = this.api.TFE_NewTensorHandle(tensor, this.status.pointer);
      this.status.check('new tensor');
      const entry = this.handles.add(handle as HandlePointer);
      return dtype === DType.STRING ? this.#ownStrings(entry, tensor) : entry;
    } finally {
      this.api.TF_DeleteTensor(tensor);
    }
  }

  /** A copy whose strings TensorFlow frees with the tensor; those written from here it would not. */
  #ownStrings({ id }: TensorEntry, tensor: TensorPointer): TensorEntry {
    try {
      return this.execute('DeepCopy', [attr.type('T', DType.STRING)], [id], 1)[0] as TensorEntry;
    } finally {
      this.handles.delete(id);
      freeStrings(this.api, tensor);
    }
  }

  /** Another id for the same tensor, with a life of its own. */
  share(id: number): number {
    void this.context;
    const shared = this.api.TFE_TensorHandleCopySharingTensor(this.handles.get(id).handle, this.status.pointer);
    this.status.check('share');
    return this.handles.add(shared as HandlePointer).id;
  }

  /** The values of a tensor, copied. */
  read(id: number): ReadValues {
    void this.context;
    const { handle, dtype } = this.handles.get(id);
    const tensor = this.api.TFE_TensorHandleResolve(handle, this.status.pointer);
    this.status.check('read');
    return this.#copyOut(tensor as TensorPointer, dtype);
  }

  /** As `read`, waiting for the device off the event loop. The tensor may be deleted meanwhile. */
  async readAsync(id: number): Promise<ReadValues> {
    void this.context;
    const { handle, dtype } = this.handles.get(id);
    const shared = this.api.TFE_TensorHandleCopySharingTensor(handle, this.status.pointer);
    this.status.check('read');
    const status = new Status(this.api);
    try {
      const tensor = await new Promise<TensorPointer | null>((resolve, reject) =>
        this.api.TFE_TensorHandleResolve.async(shared as HandlePointer, status.pointer, (error, result) =>
          error ? reject(error as Error) : resolve(result),
        ),
      );
      status.check('read');
      return this.#copyOut(tensor as TensorPointer, dtype);
    } finally {
      status.free();
      this.api.TFE_DeleteTensorHandle(shared as HandlePointer);
    }
  }

  /** Runs one op now. @throws {EngineError} `NATIVE_ARGUMENT`, `NATIVE_ERROR` */
  execute(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    numOutputs: number,
  ): TensorEntry[] {
    const op = this.#prepare(name, attributes, inputs, this.status);
    try {
      const outputs = new Array<HandlePointer | null>(numOutputs).fill(null);
      const count = [numOutputs];
      this.api.TFE_Execute(op, outputs, count, this.status.pointer);
      this.status.check(name);
      return this.#collect(outputs, count);
    } finally {
      this.api.TFE_DeleteOp(op);
    }
  }

  /** Runs one op (a traced function, as a rule) on another thread; its inputs may be deleted meanwhile. */
  async executeAsync(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    numOutputs: number,
  ): Promise<TensorEntry[]> {
    const status = new Status(this.api);
    let op: OpPointer | undefined;
    try {
      const prepared = (op = this.#prepare(name, attributes, inputs, status));
      const outputs = new Array<HandlePointer | null>(numOutputs).fill(null);
      const count = [numOutputs];
      await new Promise<void>((resolve, reject) =>
        this.api.TFE_Execute.async(prepared, outputs, count, status.pointer, (error) =>
          error ? reject(error as Error) : resolve(),
        ),
      );
      status.check(name);
      return this.#collect(outputs, count);
    } finally {
      if (op !== undefined) this.api.TFE_DeleteOp(op);
      status.free();
    }
  }

  /**
   * Asks another process of the cluster whether it lives, off the event loop.
   *
   * @param task `/job:worker/replica:0/task:1`
   * @returns what is wrong with it, if anything
   */
  async checkPeer(task: string, timeoutMs: number): Promise<string | undefined> {
    const status = new Status(this.api);
    try {
      await new Promise<void>((resolve, reject) =>
        this.api.TFE_CollectiveOpsCheckPeerHealth.async(this.context, task, timeoutMs, status.pointer, (error) =>
          error ? reject(error as Error) : resolve(),
        ),
      );
      const failure = status.take();
      return failure === undefined ? undefined : `${failure.message} (${failure.code})`;
    } finally {
      status.free();
    }
  }

  /** Ends every collective that is waiting for another process, and all later ones, with this message. */
  abortCollectives(message: string): void {
    const status = new Status(this.api);
    try {
      this.api.TF_SetStatus(status.pointer, UNAVAILABLE, message);
      this.api.TFE_AbortCollectiveOps(this.context, status.pointer);
    } finally {
      status.free();
    }
  }

  /** Frees every tensor and the context. Safe to call twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.handles.clear();
    this.#disposed = true;
    this.api.TFE_DeleteContext(this.#context);
    this.status.free();
  }

  #prepare(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], status: Status): OpPointer {
    const entries = inputs.map((id) => this.handles.get(id));
    const definition = this.ops.get(name); // none for a traced function
    const op = this.api.TFE_NewOp(this.context, name, status.pointer) as OpPointer;
    status.check(name);
    try {
      for (const { handle } of entries) this.api.TFE_OpAddInput(op, handle, status.pointer);
      status.check(`inputs of ${name}`);
      const target = eagerAttributes(this.api, op, status);
      for (const attribute of attributes) setAttribute(target, name, attribute);
      if (definition !== undefined) {
        for (const attribute of definition.defaults) {
          if (!attributes.some((given) => given.name === attribute.name)) setAttribute(target, name, attribute);
        }
        this.#guard.check(definition, op, entries, attributes);
      }
      return op;
    } catch (error) {
      this.api.TFE_DeleteOp(op);
      throw error;
    }
  }

  #collect(outputs: readonly (HandlePointer | null)[], count: readonly number[]): TensorEntry[] {
    return outputs.slice(0, count[0]).map((handle) => this.handles.add(handle as HandlePointer));
  }

  #copyOut(tensor: TensorPointer, dtype: number): ReadValues {
    try {
      return readTensor(this.api, tensor, dtype);
    } finally {
      this.api.TF_DeleteTensor(tensor);
    }
  }
}
