import { attr } from '../native/attributes.js';
import type { Trace } from '../trace/trace.js';

/** Records a choice between two values; NaN in the one that is not chosen does no harm. @param condition symbolic id, bool [] */
export function select(trace: Trace, dtype: number, condition: number, yes: number, no: number): number {
  return trace.addOp('SelectV2', [attr.type('T', dtype)], [condition, yes, no], 1)[0]?.id as number;
}
