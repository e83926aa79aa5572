import type { CompiledStep, StepFunction } from '@multichexnet/core';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { tf } from '../backend/tfjs.js';
import { EngineError } from '../errors.js';
import { attr, type OpAttribute } from '../native/attributes.js';
import { trimHeap } from '../native/heap.js';
import { recordStep, type InputSignature } from './record-step.js';
import type { Capture } from './trace.js';

interface TracedFunction {
  readonly name: string;
  readonly captures: readonly Capture[];
  readonly numOutputs: number;
  readonly digest: string;
  readonly signature: readonly InputSignature[];
  /** Runs of it may overlap. */
  readonly pure: boolean;
  runs: number;
}

let serial = 0;

/** Functions by input signature; each is recorded on first use and checked against a new recording now and then, the first time while it runs. */
export class TensorFlowStep implements CompiledStep {
  readonly #backend: TensorFlowBackend;
  readonly #name: string;
  readonly #fn: StepFunction;
  readonly #attributes: readonly OpAttribute[];
  readonly #functions = new Map<string, TracedFunction>();
  readonly #onDispose: (step: TensorFlowStep) => void;
  #disposed = false;

  /** @param config an encoded ConfigProto for the function's graph rewriters, e.g. bfloat16 */
  constructor(
    backend: TensorFlowBackend,
    name: string,
    fn: StepFunction,
    config: Uint8Array,
    onDispose: (step: TensorFlowStep) => void,
  ) {
    this.#backend = backend;
    this.#name = name;
    this.#fn = fn;
    this.#attributes = [attr.string('config_proto', config)];
    this.#onDispose = onDispose;
  }

  get traces(): number {
    return this.#functions.size;
  }

  // Not `async`: the function is recorded, and the inputs are shared, before the caller goes on.
  run(inputs: readonly Tensor[], key = ''): Promise<Tensor[]> {
    if (this.#backend.trace !== undefined) {
      this.#backend.trace.fail('TRACE_NESTED', `step ${this.#name} is run`);
      // The outer step throws when its function returns; a rejection here would be one that nobody can handle.
      return new Promise(() => undefined);
    }
    let traced: TracedFunction;
    const ids: number[] = [];
    try {
      if (this.#disposed) throw new EngineError('STEP_DISPOSED', `Step ${this.#name} was disposed.`);
      if (this.#backend.trace !== undefined) {
        throw new EngineError(
          'TRACE_NESTED',
          `Step ${this.#name} is run inside of a traced step. Call its function directly instead.`,
        );
      }
      this.#assertInputs(inputs);
      traced = this.#traced(inputs, key);
      for (const input of inputs) ids.push(this.#backend.shareId(input));
      for (const capture of traced.captures) ids.push(this.#captured(capture));
    } catch (error) {
      this.#free(ids);
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    const first = traced.runs === 1;
    // The first run of a function rewrites its graph: others that came meanwhile would do the same again.
    const overlaps = traced.pure && !first;
    const result = this.#backend.calls.add(async () => {
      try {
        const outputs = await this.#backend.runtime.executeAsync(traced.name, this.#attributes, ids, traced.numOutputs);
        return outputs.map((output) => this.#backend.createOutputTensor(output));
      } finally {
        this.#free(ids);
        if (first) trimHeap(); // of what recording and rewriting the graph left, before later runs add their peak
      }
    }, overlaps);
    // The native library has begun by rewriting the graph: to record a second time meanwhile takes no time of its own.
    const failure = first ? this.#firstCheck(traced) : undefined;
    return failure === undefined ? result : this.#refuse(result, traced, failure);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const names = [...this.#functions.values()].map((traced) => traced.name);
    this.#functions.clear();
    // A run that was called before ends first.
    if (this.#backend.calls.busy) void this.#backend.calls.whenIdle(() => names.forEach((name) => this.#remove(name)));
    else for (const name of names) this.#remove(name);
    this.#onDispose(this);
  }

  #traced(inputs: readonly Tensor[], key: string): TracedFunction {
    const signature = inputs.map((input) => ({
      dtype: this.#backend.getDTypeInteger(input.dtype),
      shape: input.shape,
    }));
    const signatureKey = JSON.stringify([key, signature]);
    const known = this.#functions.get(signatureKey);
    if (known === undefined) {
      const traced = this.#record(signature);
      this.#functions.set(signatureKey, traced);
      return traced;
    }
    known.runs++;
    if (isCheckpoint(known.runs)) this.#verify(known);
    return known;
  }

  #record(signature: readonly InputSignature[]): TracedFunction {
    const { trace, outputs, digest } = recordStep(this.#backend, this.#name, this.#fn, signature);
    try {
      const name = `${this.#name.replaceAll(/[^A-Za-z0-9_]/g, '_')}_${serial++}`;
      trace.register(name, outputs);
      return {
        name,
        captures: trace.captures,
        numOutputs: outputs.length,
        digest,
        signature,
        pure: trace.pure,
        runs: 1,
      };
    } finally {
      trace.dispose();
    }
  }

  /** What the code takes from JavaScript must be the same each time, or the recording holds for this call alone. */
  #firstCheck(traced: TracedFunction): Error | undefined {
    try {
      this.#verify(traced);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Throws the first call's results away, and the function, so that the next call records anew. */
  async #refuse(result: Promise<Tensor[]>, traced: TracedFunction, failure: Error): Promise<never> {
    const [key] = [...this.#functions].find(([, known]) => known === traced) as [string, TracedFunction];
    this.#functions.delete(key);
    try {
      tf.dispose(await result);
    } finally {
      this.#remove(traced.name);
    }
    throw failure;
  }

  #verify({ digest, signature }: TracedFunction): void {
    const again = recordStep(this.#backend, this.#name, this.#fn, signature);
    again.trace.dispose();
    if (again.digest === digest) return;
    throw new EngineError(
      'TRACE_HOST_TENSOR',
      `Step ${this.#name} does not do the same thing when it is recorded again: a constant, a captured tensor or a branch changed between calls, and the ` +
        'recorded step would go on using the old one. Pass what changes as an input, or tell such calls apart with `key`.',
    );
  }

  #captured(capture: Capture): number {
    const { runtime } = this.#backend;
    switch (capture.kind) {
      case 'resource':
        return runtime.share(capture.resource.handle);
      case 'tensor':
        if (runtime.handles.has(capture.id)) return runtime.share(capture.id);
        throw new EngineError(
          'STEP_INPUT',
          `Step ${this.#name} uses a tensor from outside that has been disposed; keep it as long as the step.`,
        );
      case 'variable':
        return this.#backend.shareId(this.#alive(capture.variable));
    }
  }

  #alive(variable: Variable): Variable {
    if (!variable.isDisposed) return variable;
    throw new EngineError(
      'VARIABLE_RELEASED',
      `Step ${this.#name} uses variable ${variable.name}, which was disposed.`,
    );
  }

  #assertInputs(inputs: readonly Tensor[]): void {
    inputs.forEach((input: unknown, index) => {
      if (!(input instanceof tf.Tensor))
        throw new EngineError('STEP_INPUT', `Step ${this.#name}: input ${index} is no tensor (${typeof input}).`);
      if (input.isDisposed) throw new EngineError('STEP_INPUT', `Step ${this.#name}: input ${index} was disposed.`);
    });
  }

  #free(ids: readonly number[]): void {
    if (this.#backend.runtime.disposed) return;
    for (const id of ids) this.#backend.runtime.handles.delete(id);
  }

  #remove(name: string): void {
    const { runtime } = this.#backend;
    if (runtime.disposed) return;
    runtime.api.TFE_ContextRemoveFunction(runtime.context, name, runtime.status.pointer);
    runtime.status.check(`function ${name}`);
  }
}

/** The second call, then ever more rarely: recording costs a fraction of a step, a silently stale value costs the run. */
function isCheckpoint(runs: number): boolean {
  for (let at = 2; at <= runs; at *= 8) if (at === runs) return true;
  return false;
}
