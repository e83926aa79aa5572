import type { Tensor } from '@tensorflow/tfjs';
import type { StepFunction } from '@multichexnet/core';
import { BACKEND_NAME } from '../backend/backend-name.js';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { tf } from '../backend/tfjs.js';
import { EngineError } from '../errors.js';
import type { OpLog } from './op-log.js';
import { Trace } from './trace.js';

export interface InputSignature {
  readonly dtype: number;
  readonly shape: readonly number[];
}

export interface Recording {
  readonly trace: Trace;
  /** Symbolic ids of the outputs. */
  readonly outputs: readonly number[];
  readonly digest: string;
}

/**
 * Calls `fn` once with symbolic tensors and records what it does. The caller disposes the trace.
 *
 * @param log takes down the ops as well
 * @throws {EngineError} `TRACE_*`, whatever `fn` made of it, and what `fn` itself throws
 */
export function recordStep(
  backend: TensorFlowBackend,
  name: string,
  fn: StepFunction,
  inputs: readonly InputSignature[],
  log?: OpLog,
): Recording {
  const active = tf.getBackend();
  if (active !== BACKEND_NAME) {
    throw new EngineError(
      'ENGINE_OPTIONS',
      `Step ${name} is recorded with tfjs's backend ${active} active. Call \`await tf.setBackend('${BACKEND_NAME}')\` first.`,
    );
  }
  const trace = new Trace(backend.runtime, name, log);
  backend.trace = trace;
  const restore = forbidHostState(trace);
  const engine = tf.engine();
  const known = new Set(Object.keys(engine.registeredVariables));
  const created = () => Object.values(engine.registeredVariables).filter((variable) => !known.has(variable.name));
  engine.startScope(name);
  try {
    const tensors = inputs.map(({ dtype, shape }) => backend.createOutputTensor(trace.addInput(dtype, shape)));
    const outputs = outputIds(backend, trace, name, fn(tensors));
    const [variable] = created();
    if (variable !== undefined)
      trace.fail(
        'TRACE_VARIABLE',
        `variable ${variable.name} is created (by tf.variable or a layer that builds itself)`,
      );
    if (trace.failure !== undefined) throw trace.failure;
    return { trace, outputs, digest: trace.digest(outputs) };
  } catch (error) {
    trace.dispose();
    throw trace.failure ?? error;
  } finally {
    for (const variable of created()) variable.dispose();
    engine.endScope();
    restore();
    backend.trace = undefined;
  }
}

function outputIds(backend: TensorFlowBackend, trace: Trace, name: string, result: unknown): number[] {
  if (result instanceof Promise) {
    result.catch(() => undefined);
    throw trace.fail('TRACE_ASYNC', 'the function is async; a step is recorded in one go. Make it a plain function');
  }
  if (!Array.isArray(result))
    throw new EngineError('TRACE_RESULT', `Step ${name} must return an array of tensors, got ${typeof result}.`);
  return result.map((value: unknown, index) => {
    if (!(value instanceof tf.Tensor))
      throw new EngineError('TRACE_RESULT', `Step ${name} must return tensors; result ${index} is ${String(value)}.`);
    const tensor = value as Tensor;
    if (tensor.isDisposed)
      throw new EngineError('TRACE_RESULT', `Step ${name} returned a disposed tensor (result ${index}).`);
    return backend.getInputTensorIds([tensor])[0] as number;
  });
}

/** JavaScript's generator and plain variable assignment have no place in a recording: both throw while it lasts. */
function forbidHostState(trace: Trace): () => void {
  const random = Math.random;
  const prototype = tf.Variable.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const assign = prototype.assign;
  Math.random = () => {
    throw trace.fail('TRACE_RANDOM', 'Math.random is called (by tf.dropout, tf.randomUniform, an initializer, ...)');
  };
  prototype.assign = function () {
    throw trace.fail('TRACE_ASSIGN', `variable.assign is called on ${this.name}`);
  };
  return () => {
    Math.random = random;
    prototype.assign = assign;
  };
}
