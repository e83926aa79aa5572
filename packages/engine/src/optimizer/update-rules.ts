import { attr } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import type { Trace } from '../trace/trace.js';
import type { ResourceVariable } from '../variables/resource-variable.js';
import type { ResolvedConfig } from './check-config.js';
import { select } from './select.js';
import type { RaisedCounts } from './step-counts.js';

/** One parameter of a step that is being recorded; numbers are symbolic ids. */
export interface ParameterUpdate {
  readonly name: string;
  readonly variable: ResourceVariable;
  readonly gradient: number;
  readonly slots: Readonly<Record<string, ResourceVariable>>;
}

type AdamConfig = Extract<ResolvedConfig, { kind: 'adam' | 'adamw' }>;
type SgdConfig = Extract<ResolvedConfig, { kind: 'sgd' }>;

/** Slots that the rule keeps for each parameter, besides its step count. */
export function slotNames(config: ResolvedConfig): readonly string[] {
  if (config.kind === 'sgd') return config.momentum > 0 ? ['momentum'] : [];
  return ['m', 'v'];
}

/**
 * SGD as in PyTorch: `g += weightDecay * p`, `momentum = mu * momentum + g`, `p -= lr * momentum` (or `lr * g` without momentum).
 *
 * @param learningRate symbolic id, float32 []
 */
export function recordSgd(
  trace: Trace,
  config: SgdConfig,
  updates: readonly ParameterUpdate[],
  learningRate: number,
): void {
  const locking = [attr.type('T', DType.FLOAT), attr.bool('use_locking', false)];
  for (const { variable, gradient, slots } of updates) {
    const decayed =
      config.weightDecay > 0
        ? add(trace, gradient, multiply(trace, trace.readResource(variable), scalar(trace, config.weightDecay)))
        : gradient;
    const handle = trace.captureResource(variable);
    const velocity = slots['momentum'];
    if (velocity === undefined) {
      trace.addOp('ResourceApplyGradientDescent', locking, [handle, learningRate, decayed], 0);
    } else {
      const inputs = [handle, trace.captureResource(velocity), learningRate, decayed, scalar(trace, config.momentum)];
      trace.addOp('ResourceApplyMomentum', [...locking, attr.bool('use_nesterov', false)], inputs, 0);
    }
  }
}

/**
 * Adam (Kingma & Ba 2015, algorithm 1): `p -= lr * m^ / (sqrt(v^) + eps)` with `m^ = m / (1 - beta1^t)`, `v^ = v / (1 - beta2^t)`; AdamW first subtracts
 * `lr * weightDecay * p`. TensorFlow's kernel computes `p -= a * m / (sqrt(v) + e)`, which is the same for `a = lr * sqrt(1 - beta2^t) / (1 - beta1^t)`
 * and `e = eps * sqrt(1 - beta2^t)`; both are computed here, in float64 and with each parameter's own t, since `1 - 0.999` has four digits in float32.
 */
export function recordAdam(
  trace: Trace,
  config: AdamConfig,
  updates: readonly ParameterUpdate[],
  raised: readonly RaisedCounts[],
  learningRate: number,
): void {
  const corrections = new Map<string, { readonly rate: number; readonly epsilon: number }>();
  for (const { names, counts } of raised) {
    const { rates, epsilons } = biasCorrections(trace, config, counts, learningRate, names.length);
    names.forEach((name, index) =>
      corrections.set(name, { rate: rates[index] as number, epsilon: epsilons[index] as number }),
    );
  }
  const zero = scalar(trace, 0);
  const beta1 = scalar(trace, config.beta1);
  const beta2 = scalar(trace, config.beta2);
  const decay = config.weightDecay > 0 ? multiply(trace, learningRate, scalar(trace, config.weightDecay)) : undefined;
  const attributes = [attr.type('T', DType.FLOAT), attr.bool('use_locking', false), attr.bool('use_nesterov', false)];
  for (const { name, variable, gradient, slots } of updates) {
    const handle = trace.captureResource(variable);
    if (decay !== undefined) {
      const lost = multiply(trace, trace.readResource(variable), decay);
      trace.addOp('AssignSubVariableOp', [attr.type('dtype', DType.FLOAT)], [handle, lost], 0);
    }
    const moments = [slots['m'], slots['v']].map((slot) => trace.captureResource(slot as ResourceVariable));
    const { rate, epsilon } = corrections.get(name) as { rate: number; epsilon: number };
    trace.addOp(
      'ResourceApplyAdam',
      attributes,
      [handle, ...moments, zero, zero, rate, beta1, beta2, epsilon, gradient],
      0,
    );
  }
}

function biasCorrections(trace: Trace, config: AdamConfig, counts: number, learningRate: number, length: number) {
  const double = [attr.type('T', DType.DOUBLE)];
  const constant = (value: number) => trace.constantOf([], DType.DOUBLE, [value]);
  const op = (name: string, ...inputs: number[]) => trace.addOp(name, double, inputs, 1)[0]?.id as number;
  const cast = (id: number, from: number, to: number) =>
    trace.addOp('Cast', [attr.type('SrcT', from), attr.type('DstT', to), attr.bool('Truncate', false)], [id], 1)[0]
      ?.id as number;
  const unpack = (id: number) =>
    trace
      .addOp(
        'Unpack',
        [attr.type('T', DType.FLOAT), attr.int('num', length), attr.int('axis', 0)],
        [cast(id, DType.DOUBLE, DType.FLOAT)],
        length,
      )
      .map((output) => output.id);
  const steps = cast(counts, DType.INT32, DType.DOUBLE);
  const first = op('Sub', constant(1), op('Pow', constant(config.beta1), steps));
  const second = op('Sqrt', op('Sub', constant(1), op('Pow', constant(config.beta2), steps)));
  const rates = op('Mul', cast(learningRate, DType.FLOAT, DType.DOUBLE), op('RealDiv', second, first));
  return { rates: unpack(rates), epsilons: unpack(op('Mul', constant(config.epsilon), second)) };
}

/** Updates that hold only where the condition does: what they write is chosen anew between what it was and what it became. */
export function recordWhen(
  trace: Trace,
  condition: number,
  updates: readonly ParameterUpdate[],
  record: () => void,
): void {
  const resources = updates.flatMap(({ variable, slots }) => [variable, ...Object.values(slots)]);
  const before = resources.map((resource) => trace.readResource(resource));
  record();
  resources.forEach((resource, i) =>
    trace.writeResource(
      resource,
      select(trace, DType.FLOAT, condition, trace.readResource(resource), before[i] as number),
    ),
  );
}

const scalar = (trace: Trace, value: number) => trace.constantOf([], DType.FLOAT, [value]);
const add = (trace: Trace, a: number, b: number) =>
  trace.addOp('AddV2', [attr.type('T', DType.FLOAT)], [a, b], 1)[0]?.id as number;
const multiply = (trace: Trace, a: number, b: number) =>
  trace.addOp('Mul', [attr.type('T', DType.FLOAT)], [a, b], 1)[0]?.id as number;
