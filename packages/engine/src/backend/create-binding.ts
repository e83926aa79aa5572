import { AttrKind } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import type { NativeRuntime } from '../native/native-runtime.js';
import type { Trace } from '../trace/trace.js';
import type { NativeBinding } from './node-kernels.js';

/** tfjs-node's native interface on our runtime; while a trace records, ops become nodes of its graph. */
export function createBinding(runtime: NativeRuntime, activeTrace: () => Trace | undefined): NativeBinding {
  return {
    createTensor: (shape, dtype, values) => runtime.createTensor(shape, dtype, values).id,
    deleteTensor: (id) => {
      if (id >= 0 && !runtime.disposed) runtime.handles.delete(id);
    },
    tensorDataSync: (id) => runtime.read(id),
    executeOp: (name, attributes, inputs, numOutputs) => {
      const trace = activeTrace();
      return trace === undefined
        ? runtime.execute(name, attributes, inputs, numOutputs)
        : trace.addOp(name, attributes, inputs, numOutputs);
    },
    isUsingGpuDevice: () => false,
    getNumOfTensors: () => runtime.handles.size,
    ...Object.fromEntries(Object.entries(DType).map(([name, value]) => [`TF_${name}`, value])),
    ...Object.fromEntries(Object.entries(AttrKind).map(([name, value]) => [`TF_ATTR_${name}`, value])),
    TF_Version: runtime.api.TF_Version(),
  };
}
