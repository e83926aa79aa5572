import type { backend_util, DataType, KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { OpAttribute } from '../native/attributes.js';
import type { TensorEntry } from '../native/handle-table.js';
import type { HostValues, ReadValues } from '../native/tensor-values.js';

/** The interface that tfjs-node's kernels expect of their native addon, as far as they use it. */
export interface NativeBinding {
  createTensor(shape: number[], dtype: number, values: HostValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ReadValues;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    numOutputs: number,
  ): TensorEntry[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  readonly [constant: `TF_${string}`]: number | string;
}

/** What tfjs-node's backend keeps about a tensor: `values` until they are handed to the native library, `id` from then on. */
export interface TensorRecord {
  shape: number[];
  dtype: number;
  values: backend_util.BackendValues | null;
  id: number;
  refCount: number;
}

export interface TensorRecords {
  has(dataId: object): boolean;
  get(dataId: object): TensorRecord;
  set(dataId: object, record: TensorRecord): void;
  delete(dataId: object): boolean;
  numDataIds(): number;
}

/** `NodeJSKernelBackend` of tfjs-node 4.22, as far as it is extended here. */
export interface NodeKernelBackend extends KernelBackend {
  binding: NativeBinding;
  tensorMap: TensorRecords;
  createOutputTensor(metadata: TensorEntry): Tensor;
  getInputTensorIds(tensors: readonly TensorInfo[]): number[];
  executeSingleOutput(name: string, attributes: readonly OpAttribute[], inputs: readonly TensorInfo[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
    numOutputs: number,
  ): Tensor[];
  getDTypeInteger(dtype: DataType): number;
  applyActivation(input: Tensor, activation: string, preluActivationWeights?: Tensor, leakyreluAlpha?: number): Tensor;
}

export type NodeKernelBackendClass = new (binding: NativeBinding, packageName: string) => NodeKernelBackend;

let backendClass: NodeKernelBackendClass | undefined;

/** Made by `packaging/bundle-kernels.mjs` for the published package. */
const BUNDLE = fileURLToPath(new URL('../kernels.cjs', import.meta.url));

/** Registers tfjs-node's kernels (without its native addon or its index, which would load it) and gives their backend class. */
export function loadNodeKernels(): NodeKernelBackendClass {
  if (backendClass !== undefined) return backendClass;
  const require = createRequire(import.meta.url);
  if (existsSync(BUNDLE)) return (backendClass = (require(BUNDLE) as KernelModule).NodeJSKernelBackend);
  replaceDeprecatedUtil(require('node:util') as Record<string, unknown>);
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
  const module = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend') as KernelModule;
  return (backendClass = module.NodeJSKernelBackend);
}

interface KernelModule {
  readonly NodeJSKernelBackend: NodeKernelBackendClass;
}

/** The kernels call two helpers of Node's `util` that 22 deprecates with a warning and 23 removed. */
function replaceDeprecatedUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  util['isArray'] = Array.isArray;
}
