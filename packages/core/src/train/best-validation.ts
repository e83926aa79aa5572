import type { HistoryEntry } from './step-history.js';
import { isBetter } from './learning-rate.js';

/** The validation metric by which a training is judged while it runs. */
export interface SelectConfig {
  /** `<head>.<metric>`. */
  readonly metric: string;
  /** A dataset of the phase's turns, on whose validation part it is measured. */
  readonly on: string;
  /** Steps between two validations. */
  readonly every: number;
  /** Validations without a better value after which the training ends; absent = it goes on to its last step. */
  readonly patience?: number;
}

export interface Validation {
  /** Steps done. */
  readonly steps: number;
  /** Absent where the metric is not defined on the validation part. */
  readonly value?: number;
}

/** Name of a validation's value among the numbers of a step. */
export function validationName({ metric }: SelectConfig): string {
  return `validation/${metric}`;
}

export function isValidated(steps: number, { every }: SelectConfig): boolean {
  return steps % every === 0;
}

/** The validations of a history, in order. */
export function validationsOf(history: readonly HistoryEntry[], select: SelectConfig): Validation[] {
  return history
    .filter(({ step }) => isValidated(step + 1, select))
    .map((entry) => {
      const value = entry[validationName(select)];
      return { steps: entry.step + 1, ...(value === undefined ? {} : { value }) };
    });
}

/** The best validation, the earliest of equal ones; undefined where none has a value. */
export function bestOf(
  validations: readonly Validation[],
  better: 'higher' | 'lower',
): Required<Validation> | undefined {
  let best: Required<Validation> | undefined;
  for (const { steps, value } of validations)
    if (value !== undefined && isBetter(value, best?.value, better)) best = { steps, value };
  return best;
}

/** Whether so many validations came after the best one. */
export function isOver(
  validations: readonly Validation[],
  better: 'higher' | 'lower',
  patience: number | undefined,
): boolean {
  const best = bestOf(validations, better);
  const since = validations.filter(({ steps }) => steps > (best?.steps ?? 0)).length;
  return patience !== undefined && since >= patience;
}
