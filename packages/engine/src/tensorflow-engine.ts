import type {
  CompiledStep,
  CompileOptions,
  Engine,
  EngineInfo,
  EngineMemory,
  Optimizer,
  OptimizerConfig,
  RecordedFunction,
  RecordedInput,
  RankGroup,
  StepFunction,
} from '@multichexnet/core';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { createRankGroup } from './collective/rank-group.js';
import type { ClusterOptions } from './collective/server-def.js';
import { EngineError } from './errors.js';
import { createOptimizer, type TensorFlowOptimizer } from './optimizer/tensorflow-optimizer.js';
import type { RuntimeLease } from './runtime-lease.js';
import { encodePrecision } from './session-config.js';
import { TensorFlowStep } from './trace/compiled-step.js';
import { recordFunction } from './trace/record-function.js';
import { AdoptedVariables } from './variables/adopted-variables.js';

/** Core's engine port on TensorFlow's C library. Made by `createEngine`. */
export class TensorFlowEngine implements Engine {
  readonly info: EngineInfo;
  readonly #lease: RuntimeLease;
  readonly #config: Uint8Array;
  readonly #variables: AdoptedVariables;
  readonly ranks?: RankGroup;
  readonly #names = new Map<string, number>();
  readonly #steps = new Set<TensorFlowStep>();
  readonly #optimizers = new Set<TensorFlowOptimizer>();
  #disposed = false;

  constructor(lease: RuntimeLease, config: Uint8Array, device: EngineInfo['device'], cluster?: ClusterOptions) {
    this.#lease = lease;
    this.#config = config;
    if (cluster !== undefined) this.ranks = createRankGroup(lease.backend, cluster);
    this.#variables = new AdoptedVariables(lease.backend);
    this.info = { name: 'tensorflow', version: lease.backend.runtime.api.TF_Version(), device };
  }

  compile(name: string, fn: StepFunction, { precision }: CompileOptions = {}): CompiledStep {
    this.#assertAlive();
    // Encoded messages merge when they are joined: the last one's words hold.
    const config =
      precision === undefined
        ? this.#config
        : Buffer.concat([this.#config, encodePrecision(precision, this.info.device)]);
    const step = new TensorFlowStep(this.#lease.backend, this.#unique(name), fn, config, (gone) =>
      this.#steps.delete(gone),
    );
    this.#steps.add(step);
    return step;
  }

  record(name: string, fn: StepFunction, inputs: readonly RecordedInput[]): RecordedFunction {
    this.#assertAlive();
    return recordFunction(this.#lease.backend, name, fn, inputs);
  }

  adopt(variables: Readonly<Record<string, Variable>>): void {
    this.#assertAlive();
    this.#variables.adopt(variables);
  }

  assign(variable: Variable, value: Tensor): void {
    this.#assertAlive();
    this.#variables.assign(variable, value);
  }

  release(variables: readonly Variable[]): void {
    this.#assertAlive();
    this.#variables.release(variables);
  }

  createOptimizer(config: OptimizerConfig): Optimizer {
    this.#assertAlive();
    const optimizer = createOptimizer(config, this.#lease.backend, this.#variables, (gone) =>
      this.#optimizers.delete(gone),
    );
    this.#optimizers.add(optimizer);
    return optimizer;
  }

  memory(): EngineMemory {
    const slots = [...this.#optimizers].reduce((sum, optimizer) => sum + optimizer.resources, 0);
    const functions = [...this.#steps].reduce((sum, step) => sum + step.traces, 0);
    const { runtime } = this.#lease.backend;
    return { handles: runtime.disposed ? 0 : runtime.handles.size, resources: this.#variables.size + slots, functions };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const step of [...this.#steps]) step.dispose();
    for (const optimizer of [...this.#optimizers]) optimizer.dispose();
    this.#variables.dispose();
    this.#lease.release();
  }

  /** The ranks find each other's collectives by the name of the step: two of one name would mix theirs up. */
  #unique(name: string): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return this.ranks === undefined || count === 1 ? name : `${name} ${count}`;
  }

  #assertAlive(): void {
    if (this.#disposed) throw new EngineError('ENGINE_DISPOSED', 'The engine was disposed; create another one.');
  }
}
