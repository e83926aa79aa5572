import type { SlotValue } from '@multichexnet/core';
import { EngineError } from '../errors.js';

export interface ParameterState {
  readonly shape: readonly number[];
  readonly slots: Readonly<Record<string, Float32Array>>;
  readonly steps: number;
}

/**
 * The state by parameter, checked: every slot of every parameter is there once, of the parameter's shape.
 *
 * @param slots names of the slots besides `steps`
 * @param shapeOf shape of a known parameter
 * @throws {EngineError} `OPTIMIZER_STATE`
 */
export function parseState(
  state: Readonly<Record<string, SlotValue>>,
  slots: readonly string[],
  shapeOf: (parameter: string) => readonly number[] | undefined,
): Map<string, ParameterState> {
  const found = new Map<string, Record<string, SlotValue>>();
  for (const [key, value] of Object.entries(state)) {
    const at = key.lastIndexOf('/');
    const name = key.slice(0, Math.max(at, 0));
    const slot = key.slice(at + 1);
    if (at <= 0 || (slot !== 'steps' && !slots.includes(slot))) {
      throw fail(
        key,
        `is no slot of this optimizer; its slots are ${[...slots, 'steps'].map((known) => `<parameter>/${known}`).join(', ')}`,
      );
    }
    const known = found.get(name) ?? {};
    known[slot] = value;
    found.set(name, known);
  }
  return new Map([...found].map(([name, values]) => [name, parseParameter(name, values, slots, shapeOf(name))]));
}

function parseParameter(
  name: string,
  values: Record<string, SlotValue>,
  slots: readonly string[],
  shape: readonly number[] | undefined,
): ParameterState {
  if (shape === undefined) throw fail(name, 'is no parameter that is adopted or was moved by this optimizer');
  for (const slot of [...slots, 'steps']) {
    const wanted = slot === 'steps' ? [] : shape;
    const value = values[slot];
    if (value === undefined) throw fail(`${name}/${slot}`, 'is missing');
    const size = wanted.reduce((product, dim) => product * dim, 1);
    if (value.shape.join() !== wanted.join() || value.data.length !== size) {
      throw fail(
        `${name}/${slot}`,
        `has shape [${value.shape.join(', ')}] and ${value.data.length} values; [${wanted.join(', ')}] is wanted`,
      );
    }
  }
  const steps = values['steps']?.data[0] ?? NaN;
  if (!Number.isInteger(steps) || steps < 0) throw fail(`${name}/steps`, `is ${steps}, no count`);
  return { shape, slots: Object.fromEntries(slots.map((slot) => [slot, (values[slot] as SlotValue).data])), steps };
}

const fail = (key: string, what: string) =>
  new EngineError('OPTIMIZER_STATE', `restore: ${key} ${what}. Nothing was changed.`);
