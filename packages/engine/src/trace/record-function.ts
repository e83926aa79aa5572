import type { RecordedFunction, RecordedInput, StepFunction } from '@multichexnet/core';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { EngineError } from '../errors.js';
import { DType } from '../native/dtype.js';
import type { HostValues } from '../native/tensor-values.js';
import { OpLog } from './op-log.js';
import { recordStep } from './record-step.js';
import type { Capture } from './trace.js';

const DTYPES = { float32: DType.FLOAT, int32: DType.INT32, bool: DType.BOOL } as const;

/**
 * A function as a list of ops, with the present values of what it takes from outside.
 *
 * @throws {EngineError} `TRACE_*` as for a step, `TRACE_ASSIGN` where the function writes a variable or talks to other processes
 */
export function recordFunction(
  backend: TensorFlowBackend,
  name: string,
  fn: StepFunction,
  inputs: readonly RecordedInput[],
): RecordedFunction {
  const log = new OpLog();
  const signature = inputs.map(({ dtype, shape }) => ({ dtype: DTYPES[dtype], shape }));
  const { trace, outputs } = recordStep(backend, name, fn, signature, log);
  try {
    if (!trace.pure)
      throw new EngineError(
        'TRACE_ASSIGN',
        `Function ${name} writes a variable, prints, or waits for another process: as a list of ops it is not the whole. Record what it computes alone.`,
      );
    const results = outputs.map((id) => trace.symbolic(id));
    for (const [id, capture] of trace.capturedIds()) {
      const { dtype, shape, data, variable } = valuesOf(backend, capture);
      log.addValue(id, dtype, shape, data, variable);
    }
    return { inputs: trace.inputIds, outputs: results, values: log.values, ops: log.ops };
  } finally {
    trace.dispose();
  }
}

interface Captured {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly data: HostValues;
  readonly variable?: string;
}

function valuesOf(backend: TensorFlowBackend, capture: Capture): Captured {
  const { runtime } = backend;
  switch (capture.kind) {
    case 'resource': {
      const { dtype, shape, name } = capture.resource;
      return { dtype, shape, data: capture.resource.values(), variable: name };
    }
    case 'tensor': {
      const { dtype, shape } = runtime.handles.get(capture.id);
      return { dtype, shape, data: runtime.read(capture.id) };
    }
    case 'variable': {
      const { dtype, shape, name } = capture.variable;
      return {
        dtype: backend.getDTypeInteger(dtype),
        shape,
        data: capture.variable.dataSync() as HostValues,
        variable: name,
      };
    }
  }
}
