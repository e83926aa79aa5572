import type { Optimizer, OptimizerConfig, SlotValue } from '@multichexnet/core';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { EngineError } from '../errors.js';
import { DType } from '../native/dtype.js';
import type { AdoptedVariables } from '../variables/adopted-variables.js';
import { ResourceVariable } from '../variables/resource-variable.js';
import { resolveConfig, type ResolvedConfig } from './check-config.js';
import { parseState } from './optimizer-state.js';
import { StepCounts } from './step-counts.js';
import { recordAdam, recordSgd, recordWhen, slotNames, type ParameterUpdate } from './update-rules.js';

/** An optimizer whose moments and step counts are resource variables keyed by parameter name; both start as zeros on first use. */
export class TensorFlowOptimizer implements Optimizer {
  readonly config: OptimizerConfig;
  readonly #resolved: ResolvedConfig;
  readonly #backend: TensorFlowBackend;
  readonly #variables: AdoptedVariables;
  readonly #onDispose: (optimizer: TensorFlowOptimizer) => void;
  /** Parameter -> slot -> resource. */
  readonly #slots = new Map<string, Record<string, ResourceVariable>>();
  readonly #counts: StepCounts;
  #disposed = false;

  constructor(
    config: OptimizerConfig,
    backend: TensorFlowBackend,
    variables: AdoptedVariables,
    onDispose: (optimizer: TensorFlowOptimizer) => void,
  ) {
    this.#resolved = resolveConfig(config);
    this.config = Object.freeze({ ...config });
    this.#backend = backend;
    this.#variables = variables;
    this.#onDispose = onDispose;
    this.#counts = new StepCounts(backend.runtime, () => undefined);
  }

  /** Live resource variables of this optimizer. */
  get resources(): number {
    return this.#slots.size * slotNames(this.#resolved).length + this.#counts.resources;
  }

  apply(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    learningRate: Scalar,
    when?: Tensor,
  ): void {
    this.#assertAlive();
    const { trace } = this.#backend;
    if (trace === undefined) {
      throw new EngineError(
        'OPTIMIZER_OUTSIDE_STEP',
        'optimizer.apply updates native variables: call it inside the function given to engine.compile.',
      );
    }
    if (learningRate.shape.length !== 0 || learningRate.dtype !== 'float32') {
      throw new EngineError(
        'OPTIMIZER_GRADIENT',
        `The learning rate must be a float32 scalar, got ${learningRate.dtype} of shape [${learningRate.shape.join(', ')}].`,
      );
    }
    if (when !== undefined && (when.shape.length !== 0 || when.dtype !== 'bool')) {
      throw new EngineError(
        'OPTIMIZER_GRADIENT',
        `\`when\` must be a bool scalar, got ${when.dtype} of shape [${when.shape.join(', ')}].`,
      );
    }
    // All checks come first, so that an error leaves no half-recorded update.
    const updates = Object.entries(parameters).map(([name, variable]) => this.#update(name, variable, gradients[name]));
    if (updates.length === 0) return;
    const rate = this.#backend.getInputTensorIds([learningRate])[0] as number;
    const condition = when === undefined ? undefined : this.#backend.getInputTensorIds([when])[0];
    const raised = this.#counts.raise(trace, Object.keys(parameters), condition);
    const record = (): void => {
      if (this.#resolved.kind === 'sgd') recordSgd(trace, this.#resolved, updates, rate);
      else recordAdam(trace, this.#resolved, updates, raised, rate);
    };
    if (condition === undefined) record();
    else recordWhen(trace, condition, updates, record);
  }

  state(): Promise<Record<string, SlotValue>> {
    this.#assertAlive();
    return this.#backend.calls.whenIdle(() => {
      this.#assertAlive();
      const state: Record<string, SlotValue> = {};
      const counts = this.#counts.read();
      for (const [name, slots] of this.#slots) {
        for (const [slot, resource] of Object.entries(slots))
          state[`${name}/${slot}`] = { shape: [...resource.shape], data: resource.values() as Float32Array };
        state[`${name}/steps`] = { shape: [], data: Float32Array.of(counts.get(name) ?? 0) };
      }
      return state;
    });
  }

  restore(state: Readonly<Record<string, SlotValue>>): void {
    this.#assertAlive();
    this.#backend.calls.assertIdle('the optimizer is restored');
    const slots = slotNames(this.#resolved);
    const parsed = parseState(state, slots, (name) => this.#shapeOf(name));
    for (const [name, values] of parsed) {
      const resources = this.#slotsOf(name, values.shape);
      for (const slot of slots) resources[slot]?.writeValues(values.slots[slot] as Float32Array);
    }
    for (const [name, resources] of this.#slots) {
      if (!parsed.has(name)) for (const resource of Object.values(resources)) resource.writeZeros();
    }
    this.#counts.write(new Map([...parsed].map(([name, { steps }]) => [name, steps])));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const slots of this.#slots.values()) for (const resource of Object.values(slots)) resource.destroy();
    this.#slots.clear();
    this.#counts.destroy();
    this.#onDispose(this);
  }

  #update(name: string, variable: Variable, gradient: Tensor | undefined): ParameterUpdate {
    const resource = this.#variables.resourceOf(variable);
    if (resource.dtype !== DType.FLOAT)
      throw new EngineError(
        'OPTIMIZER_GRADIENT',
        `Parameter ${name} is ${variable.dtype}; optimizers move float32 parameters.`,
      );
    if (gradient === undefined) {
      throw new EngineError(
        'OPTIMIZER_GRADIENT',
        `There is no gradient for parameter ${name}. Name only the parameters that the step moves.`,
      );
    }
    if (gradient.dtype !== 'float32' || gradient.shape.join() !== variable.shape.join()) {
      throw new EngineError(
        'OPTIMIZER_GRADIENT',
        `The gradient of ${name} is ${gradient.dtype} of shape [${gradient.shape.join(', ')}]; the parameter is float32 of shape [${variable.shape.join(', ')}].`,
      );
    }
    const slots = this.#slotsOf(name, variable.shape);
    for (const slot of Object.values(slots)) slot.assertFits(variable.shape, DType.FLOAT);
    return { name, variable: resource, gradient: this.#backend.getInputTensorIds([gradient])[0] as number, slots };
  }

  #slotsOf(name: string, shape: readonly number[]): Record<string, ResourceVariable> {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const { runtime } = this.#backend;
    const slots = Object.fromEntries(
      slotNames(this.#resolved).map((slot) => [
        slot,
        ResourceVariable.zeros(runtime, `${name}/${slot}`, shape, DType.FLOAT, () => undefined),
      ]),
    );
    this.#slots.set(name, slots);
    this.#counts.add(name);
    return slots;
  }

  /** Shape of a parameter that this optimizer moved or that is adopted under the name. */
  #shapeOf(name: string): readonly number[] | undefined {
    const [slot] = Object.values(this.#slots.get(name) ?? {});
    return slot?.shape ?? this.#variables.shapeOf(name);
  }

  #assertAlive(): void {
    if (this.#disposed) throw new EngineError('OPTIMIZER_DISPOSED', 'The optimizer was disposed; create another one.');
  }
}

/** @throws {EngineError} `OPTIMIZER_CONFIG` */
export function createOptimizer(
  config: OptimizerConfig,
  backend: TensorFlowBackend,
  variables: AdoptedVariables,
  onDispose: (optimizer: TensorFlowOptimizer) => void,
): TensorFlowOptimizer {
  return new TensorFlowOptimizer(config, backend, variables, onDispose);
}
