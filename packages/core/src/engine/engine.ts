import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import type { RecordedFunction, RecordedInput } from './recorded-function.js';

/** The port through which core trains and predicts; `@multichexnet/engine` implements it on TensorFlow's C library. */
export interface Engine {
  readonly info: EngineInfo;
  /** The processes that train together with this one; absent where it trains alone. */
  readonly ranks?: RankGroup;
  /**
   * Wraps `fn` so that it runs as one native call. `fn` is traced once per input signature (dtypes, shapes and `key`) with symbolic tensors; every
   * later call executes the recorded function off the event loop.
   * Inside `fn`, reading a tensor's value, JavaScript randomness and creating tensors from data that changes between calls are errors
   * (`TRACE_VALUE_READ`, `TRACE_RANDOM`, `TRACE_HOST_TENSOR`). Adopted variables may be read (their value is read at run time) and written by `assign`.
   */
  compile(name: string, fn: StepFunction, options?: CompileOptions): CompiledStep;
  /**
   * Traces `fn` once, as {@link compile} does, and gives the list of ops instead of running them: adopted variables and tensors from outside stand in it with
   * their present values. For functions that only compute; one that writes a variable cannot be told in this form.
   */
  record(name: string, fn: StepFunction, inputs: readonly RecordedInput[]): RecordedFunction;
  /**
   * Moves the values of the variables into native resource variables under their names. From then on the variable reads the resource, in and outside of
   * traces, and `variable.assign` outside of a trace writes it. Adopting an adopted variable again is an error.
   */
  adopt(variables: Readonly<Record<string, Variable>>): void;
  /** Writes an adopted variable inside a traced step (or at once outside of one). Order with reads in the same step is program order. */
  assign(variable: Variable, value: Tensor): void;
  /** Frees the resources of adopted variables and disposes the variables. */
  release(variables: readonly Variable[]): void;
  /** An optimizer whose moments and step counts live in resource variables keyed by parameter name. */
  createOptimizer(config: OptimizerConfig): Optimizer;
  /** Counts that must not grow from step to step. */
  memory(): EngineMemory;
  /** Frees everything the engine holds; the engine cannot be used afterwards. Safe to call twice. */
  dispose(): void;
}

/** Several processes, on one machine or many, that run the same steps on parts of the same batches. */
export interface RankGroup {
  /** Which of them this is, from 0. */
  readonly rank: number;
  readonly size: number;
  /** Whether other machines can reach this process's port, which is unauthenticated and in clear. */
  readonly exposed: boolean;
  /**
   * Inside a traced step: elementwise sum over the ranks, on all of them. Every rank must run the same steps in the same order, with the same sums in them.
   */
  sum(x: Tensor): Tensor;
  /** Inside a traced step: [n, ...] of every rank -> [size * n, ...], in one order on all of them. Sooner there than {@link sum} where there is little to send. */
  gather(x: Tensor): Tensor;
  /** Asks another rank's process whether it lives. @returns what is wrong with it, if anything */
  check(rank: number, timeoutMs: number): Promise<string | undefined>;
  /** Ends every sum that waits for another rank, and all later ones: the steps they are in reject with this message. */
  abort(message: string): void;
}

export interface EngineInfo {
  readonly name: string;
  /** Version of the native library, e.g. `2.21.0`. */
  readonly version: string;
  readonly device: 'cpu' | 'gpu';
}

export interface EngineMemory {
  /** Live native tensor handles. */
  readonly handles: number;
  /** Live resource variables. */
  readonly resources: number;
  /** Traced functions registered with the runtime. */
  readonly functions: number;
}

export type StepFunction = (inputs: Tensor[]) => Tensor[];

/** Of matrix products and convolutions; parameters, moments, sums and everything that is read are float32. */
export type Precision = 'float32' | 'bfloat16';

export interface CompileOptions {
  /**
   * By default the engine's. bfloat16 has the exponents of float32, so that gradients neither overflow nor vanish and losses need no scaling (Kalamkar et
   * al. 2019), other than in float16.
   */
  readonly precision?: Precision;
}

export interface CompiledStep {
  /** Runs the step; the caller owns the returned tensors. `key` tells apart traces with equal input shapes but other behaviour. */
  run(inputs: readonly Tensor[], key?: string): Promise<Tensor[]>;
  /** How many signatures have been traced. */
  readonly traces: number;
  /** Removes the traced functions. Safe to call twice. */
  dispose(): void;
}

export type OptimizerConfig =
  | { readonly kind: 'sgd'; readonly momentum?: number; readonly weightDecay?: number }
  | { readonly kind: 'adam'; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  | {
      readonly kind: 'adamw';
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      /** Decoupled weight decay (Loshchilov & Hutter 2019): each step also subtracts `learningRate * weightDecay * parameter`. */
      readonly weightDecay?: number;
    };

export interface Optimizer {
  readonly config: OptimizerConfig;
  /**
   * Inside a traced step: updates exactly the named adopted variables, each with its own moments and its own step count, so that a head that moves every
   * second step keeps a right bias correction. Parameters not named are not touched, nor are their moments.
   *
   * @param when bool []: whether to update at all when the step runs; where it is false, parameters, moments and counts stay as they are to the byte,
   * whatever the gradients are. It costs a copy of them
   */
  apply(
    parameters: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    learningRate: Scalar,
    when?: Tensor,
  ): void;
  /** Everything needed to continue bit for bit: slots named `<parameter>/<slot>` (`m`, `v`, `momentum`) and `<parameter>/steps` (shape []). */
  state(): Promise<Record<string, SlotValue>>;
  /** Replaces the whole state; an unknown slot name or a wrong shape is an error. */
  restore(state: Readonly<Record<string, SlotValue>>): void;
  dispose(): void;
}

export interface SlotValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
