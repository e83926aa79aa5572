import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { NativeRuntime } from '../native/native-runtime.js';
import type { Trace } from '../trace/trace.js';
import type { ResourceVariable } from '../variables/resource-variable.js';
import type { CallQueue } from './call-queue.js';
import type { NodeKernelBackend } from './node-kernels.js';

/** The tfjs backend: tfjs-node's kernels on the native runtime, with traces and resource variables. */
export interface TensorFlowBackend extends NodeKernelBackend {
  readonly runtime: NativeRuntime;
  readonly calls: CallQueue;
  /** The trace that records ops now, if any. */
  trace: Trace | undefined;
  /** How many processes compute together; undefined in a process of its own. */
  readonly ranks: number | undefined;
  /** The resource behind an adopted variable's data. */
  resourceOf(dataId: object): ResourceVariable | undefined;
  /** A tensor whose value is the resource's, whenever it is read. */
  createResourceTensor(resource: ResourceVariable): Tensor;
  /** A native id for a tensor, which the caller deletes. */
  shareId(tensor: Tensor): number;
  /** Whether the tensor's value may change (a variable), so that its data must not be shared with a copy. */
  isMutable(tensor: TensorInfo): boolean;
}
