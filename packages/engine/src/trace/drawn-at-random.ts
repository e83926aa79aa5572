/** tfjs's ops that draw numbers in JavaScript, by the names of the functions behind them. */
const RANDOM_FUNCTION = /\b(rand|random\w*|truncatedNormal|dropout|multinomial)_\b/;
const FRAMES = 16;
/** Longest integer tensor that is taken for a shape, an axis or the like without a look. */
const SHAPE_LIKE = 8;

/**
 * Whether tfjs is drawing the tensor that is being created, with a seed of its own: without one it calls `Math.random`, which a trace forbids. Such a
 * generator starts anew each time, so that comparing two recordings would not tell its numbers from a constant. It is told by the call stack.
 */
export function drawnAtRandom(dtype: string, size: number): boolean {
  if (dtype !== 'float32' && size <= SHAPE_LIKE) return false;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return RANDOM_FUNCTION.test(stack);
}
