/** Name of the gradients' norm among the numbers of a step. */
export const GRADIENT_NORM = 'gradient/norm';
/** 1 where a guarded step moved nothing. */
export const SKIPPED = 'guard/skipped';
