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
  return callers().some((name) => RANDOM_FUNCTION.test(name));
}

/** Names of the calling functions. Not from the stack's text: writing it maps every position to its source, a quarter of a recording's time. */
function callers(): string[] {
  const { stackTraceLimit } = Error;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { prepareStackTrace } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFunctionName() ?? '');
  try {
    return new Error().stack as unknown as string[];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}
