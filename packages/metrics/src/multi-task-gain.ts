/** One metric of one task, of the multi-task model and of the single-task baseline at the same budget of steps. */
export interface TaskComparison {
  readonly multiTask: number | undefined;
  readonly singleTask: number | undefined;
  readonly better: 'higher' | 'lower';
}

/**
 * Delta m (Maninis et al., CVPR 2019, eq. 4; Vandenhende et al., TPAMI 2021): the mean over tasks of
 * `(-1)^l (M_multi - M_single) / M_single`, l = 1 where lower is better. Positive = the multi-task model is better. A task
 * with several metrics counts once: give the mean of their gains, or one comparison a task.
 *
 * @returns a fraction (0.02 = 2 % better); undefined without a task, where a number is undefined, or over a baseline of 0
 */
export function multiTaskGain(tasks: readonly TaskComparison[]): number | undefined {
  let sum = 0;
  for (const { multiTask, singleTask, better } of tasks) {
    if (multiTask === undefined || singleTask === undefined || singleTask === 0) return undefined;
    sum += ((better === 'higher' ? 1 : -1) * (multiTask - singleTask)) / singleTask;
  }
  return tasks.length === 0 ? undefined : sum / tasks.length;
}
