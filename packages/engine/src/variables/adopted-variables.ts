import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { tf } from '../backend/tfjs.js';
import { EngineError } from '../errors.js';
import { ResourceVariable } from './resource-variable.js';

/** tfjs variables whose values live in resources of the native library. */
export class AdoptedVariables {
  readonly #backend: TensorFlowBackend;
  readonly #live = new Set<ResourceVariable>();

  constructor(backend: TensorFlowBackend) {
    this.#backend = backend;
  }

  get size(): number {
    return this.#live.size;
  }

  /** @throws {EngineError} `VARIABLE_ADOPTED`, `VARIABLE_RELEASED`, `TRACE_ASSIGN`; nothing is adopted then */
  adopt(variables: Readonly<Record<string, Variable>>): void {
    if (this.#backend.trace !== undefined) throw this.#backend.trace.fail('TRACE_ASSIGN', 'variables are adopted');
    const seen = new Set<Variable>();
    for (const [name, variable] of Object.entries(variables)) {
      if (!(variable instanceof tf.Variable))
        throw new EngineError('VARIABLE_VALUE', `adopt: ${name} is no tf.Variable.`);
      if (variable.isDisposed) throw new EngineError('VARIABLE_RELEASED', `adopt: variable ${name} was disposed.`);
      if (seen.has(variable) || this.#find(variable) !== undefined) {
        throw new EngineError(
          'VARIABLE_ADOPTED',
          `adopt: variable ${name} is adopted already; adopt each variable once, under one name.`,
        );
      }
      seen.add(variable);
    }
    for (const [name, variable] of Object.entries(variables)) this.#adopt(name, variable);
  }

  /** Writes in the trace that records now, else at once. */
  assign(variable: Variable, value: Tensor): void {
    const resource = this.resourceOf(variable);
    resource.assertFits(value.shape, this.#backend.getDTypeInteger(value.dtype));
    const { trace, calls } = this.#backend;
    if (trace !== undefined) {
      trace.writeResource(resource, this.#backend.getInputTensorIds([value])[0] as number);
      return;
    }
    calls.assertIdle(`variable ${resource.name} is assigned`);
    const id = this.#backend.shareId(value);
    try {
      resource.write(id);
    } finally {
      this.#backend.runtime.handles.delete(id);
    }
  }

  release(variables: readonly Variable[]): void {
    this.#backend.calls.assertIdle('variables are released');
    for (const variable of variables) {
      if (this.#find(variable) === undefined && !variable.isDisposed) throw this.#notAdopted(variable);
    }
    for (const variable of variables) if (!variable.isDisposed) variable.dispose();
  }

  /** @throws {EngineError} `VARIABLE_NOT_ADOPTED` */
  resourceOf(variable: Variable): ResourceVariable {
    const resource = this.#find(variable);
    if (resource === undefined) throw this.#notAdopted(variable);
    return resource;
  }

  /** Shape of the variable that is adopted under this name. */
  shapeOf(name: string): readonly number[] | undefined {
    for (const resource of this.#live) if (resource.name === name) return resource.shape;
    return undefined;
  }

  dispose(): void {
    for (const resource of [...this.#live]) resource.destroy();
  }

  #find(variable: Variable): ResourceVariable | undefined {
    const resource = this.#backend.resourceOf(variable.dataId);
    return resource !== undefined && this.#live.has(resource) ? resource : undefined;
  }

  #notAdopted(variable: Variable): EngineError {
    return new EngineError(
      'VARIABLE_NOT_ADOPTED',
      `Variable ${variable.name} is not adopted by this engine: call engine.adopt({ name: variable }) first.`,
    );
  }

  #adopt(name: string, variable: Variable): void {
    const { runtime } = this.#backend;
    const id = this.#backend.shareId(variable);
    let resource: ResourceVariable;
    try {
      resource = new ResourceVariable(runtime, name, id, (gone) => this.#live.delete(gone));
    } finally {
      runtime.handles.delete(id);
    }
    this.#live.add(resource);
    const tensor = this.#backend.createResourceTensor(resource);
    // tfjs's own assign swaps the data behind a variable: here for data that lives in the resource.
    tf.Variable.prototype.assign.call(variable, tensor);
    tensor.dispose();
    variable.assign = (value) => {
      const { trace } = this.#backend;
      if (trace !== undefined) throw trace.fail('TRACE_ASSIGN', `variable.assign is called on ${name}`);
      this.assign(variable, value);
    };
  }
}
