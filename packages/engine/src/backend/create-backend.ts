import type { backend_util, DataType, Tensor, TensorInfo, Variable } from '@tensorflow/tfjs';
import { EngineError } from '../errors.js';
import { attr, type OpAttribute } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import type { TensorEntry } from '../native/handle-table.js';
import type { NativeRuntime } from '../native/native-runtime.js';
import type { ReadValues } from '../native/tensor-values.js';
import { registerKernels } from '../kernels/register-kernels.js';
import type { Trace } from '../trace/trace.js';
import type { ResourceVariable } from '../variables/resource-variable.js';
import type { CallQueue } from './call-queue.js';
import { createBinding } from './create-binding.js';
import type { TensorRecord } from './node-kernels.js';
import type { TensorFlowBackend } from './tensorflow-backend.js';
import { tf } from './tfjs.js';

const DTYPES: Readonly<Record<number, DataType>> = {
  [DType.FLOAT]: 'float32',
  [DType.INT32]: 'int32',
  [DType.BOOL]: 'bool',
  [DType.COMPLEX64]: 'complex64',
  [DType.STRING]: 'string',
  [DType.RESOURCE]: 'string',
};

/** @param runtime owned by the caller; `calls` says whether a step is running */
export function createBackend(runtime: NativeRuntime, calls: CallQueue, ranks?: number): TensorFlowBackend {
  const Base = registerKernels();

  class Backend extends Base implements TensorFlowBackend {
    readonly runtime = runtime;
    readonly calls = calls;
    trace: Trace | undefined;
    readonly ranks = ranks;
    readonly #resources = new WeakMap<object, ResourceVariable>();
    #transient: number[] = [];

    constructor() {
      super(
        createBinding(runtime, () => this.trace),
        '@tensorflow/tfjs-node',
      );
    }

    override createOutputTensor(metadata: TensorEntry): Tensor {
      const { id, shape } = metadata;
      const dtype = DTYPES[metadata.dtype];
      if (dtype === undefined) return this.#castToInt32(metadata);
      const dataId = {};
      this.tensorMap.set(dataId, { shape, dtype: metadata.dtype, id, values: null, refCount: 1 });
      if (id >= 0) runtime.handles.freeWith(dataId, id);
      return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, this);
    }

    /** tfjs has neither int64 nor uint8: such results become the int32 tensors that it takes them for. */
    #castToInt32({ id, dtype }: TensorEntry): Tensor {
      const cast = this.binding.executeOp(
        'Cast',
        [attr.type('SrcT', dtype), attr.type('DstT', DType.INT32), attr.bool('Truncate', false)],
        [id],
        1,
      );
      this.binding.deleteTensor(id);
      return this.createOutputTensor(cast[0] as TensorEntry);
    }

    override getInputTensorIds(tensors: readonly TensorInfo[]): number[] {
      return tensors.map((tensor) => this.#inputId(tensor));
    }

    #inputId(tensor: TensorInfo): number {
      const { dataId } = tensor;
      const resource = this.resourceOf(dataId);
      if (resource !== undefined) return this.trace?.readResource(resource) ?? this.#transientRead(resource);
      const record = this.#record(dataId);
      if (this.trace !== undefined) {
        if (tensor instanceof tf.Variable) return this.trace.captureVariable(tensor as Variable);
        if (record.values !== null && this.trace.isHostTensor(dataId))
          return this.trace.constant(dataId, record, record.values);
      }
      return this.#materialise(dataId, record);
    }

    /** Hands host values to the native library on first use. */
    #materialise(dataId: object, record: TensorRecord): number {
      if (record.values !== null) {
        record.id = this.binding.createTensor(record.shape, record.dtype, record.values);
        record.values = null;
        runtime.handles.freeWith(dataId, record.id);
      }
      if (record.id < 0 && this.trace === undefined) throw this.#symbolicRead(record);
      return record.id;
    }

    #transientRead(resource: ResourceVariable): number {
      calls.assertIdle(`variable ${resource.name} is read`);
      const id = resource.read();
      this.#transient.push(id);
      return id;
    }

    override executeSingleOutput(
      name: string,
      attributes: readonly OpAttribute[],
      inputs: readonly TensorInfo[],
    ): Tensor {
      return this.executeMultipleOutputs(name, attributes, inputs, 1)[0] as Tensor;
    }

    override executeMultipleOutputs(
      name: string,
      attributes: readonly OpAttribute[],
      inputs: readonly TensorInfo[],
      numOutputs: number,
    ): Tensor[] {
      try {
        const outputs = this.binding.executeOp(name, attributes, this.getInputTensorIds(inputs), numOutputs);
        return outputs.map((output) => this.createOutputTensor(output));
      } finally {
        for (const id of this.#transient.splice(0)) runtime.handles.delete(id);
      }
    }

    override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
      const dataId = super.write(values, shape, dtype);
      this.trace?.addHostTensor(dataId, dtype, values.length);
      return dataId;
    }

    override readSync(dataId: object): backend_util.BackendValues {
      const resource = this.resourceOf(dataId);
      if (resource !== undefined) {
        if (this.trace !== undefined) throw this.trace.fail('TRACE_VALUE_READ', `variable ${resource.name} is read`);
        calls.assertIdle(`variable ${resource.name} is read`);
        return asBackendValues(resource.values());
      }
      const record = this.#record(dataId);
      if (record.values !== null) return record.values;
      if (record.id < 0) throw this.#symbolicRead(record);
      return asBackendValues(runtime.read(record.id));
    }

    override async read(dataId: object): Promise<backend_util.BackendValues> {
      const resource = this.resourceOf(dataId);
      if (this.trace !== undefined && (resource !== undefined || isSymbolic(this.#record(dataId)))) {
        this.trace.fail('TRACE_VALUE_READ', 'data() is called');
        // The trace throws when its function returns; a rejection here would be one that nobody can handle.
        return new Promise(() => undefined);
      }
      if (resource !== undefined) return calls.whenIdle(() => asBackendValues(resource.values()));
      const record = this.#record(dataId);
      if (record.values !== null) return record.values;
      if (record.id < 0) throw this.#symbolicRead(record);
      return asBackendValues(await runtime.readAsync(record.id));
    }

    #symbolicRead(record: TensorRecord): EngineError {
      if (this.trace !== undefined)
        return this.trace.fail(
          'TRACE_VALUE_READ',
          `the values of a tensor of shape [${record.shape.join(', ')}] are read`,
        );
      return new EngineError(
        'TRACE_ESCAPED',
        'The tensor belongs to a trace that is over; only the tensors that a step returns outlive it.',
      );
    }

    #record(dataId: object): TensorRecord {
      try {
        return this.tensorMap.get(dataId); // fetches the values of a tensor that lives on another backend
      } catch (error) {
        throw new EngineError('NATIVE_ARGUMENT', 'The tensor is not (or no longer) known to tfjs: it was disposed.', {
          cause: error,
        });
      }
    }

    override disposeData(dataId: object, force = false): boolean {
      const gone = super.disposeData(dataId, force);
      const resource = this.#resources.get(dataId);
      if (gone && resource !== undefined) {
        this.#resources.delete(dataId);
        resource.destroy();
      }
      return gone;
    }

    resourceOf(dataId: object): ResourceVariable | undefined {
      return this.#resources.get(dataId);
    }

    createResourceTensor(resource: ResourceVariable): Tensor {
      const dataId = {};
      const shape = [...resource.shape];
      this.tensorMap.set(dataId, { shape, dtype: resource.dtype, id: -1, values: null, refCount: 1 });
      this.#resources.set(dataId, resource);
      return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: DTYPES[resource.dtype] as DataType }, this);
    }

    shareId(tensor: Tensor): number {
      const resource = this.resourceOf(tensor.dataId);
      if (resource !== undefined) return resource.read();
      const record = this.#record(tensor.dataId);
      if (isSymbolic(record)) throw this.#symbolicRead(record);
      return runtime.share(this.#materialise(tensor.dataId, record));
    }

    isMutable(tensor: TensorInfo): boolean {
      return (
        this.resourceOf(tensor.dataId) !== undefined || (this.trace !== undefined && tensor instanceof tf.Variable)
      );
    }

    override memory() {
      return { unreliable: false };
    }
  }

  return new Backend();
}

const isSymbolic = (record: TensorRecord) => record.values === null && record.id < 0;

/** tfjs's type leaves out what its own backends return for strings and int64. */
const asBackendValues = (values: ReadValues) => values as unknown as backend_util.BackendValues;
