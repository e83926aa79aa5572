/** Recognised across duplicate installs of core, since a plugin may bring its own copy. */
const BRAND = Symbol.for('@multichexnet/core/error');

export interface ErrorPlace {
  /** File that the user can open: config, table, image, checkpoint. */
  readonly file?: string;
  /** 1-based line in `file`. */
  readonly line?: number;
  /** Path inside a config, in the user's notation: `model.heads.det.anchors`. */
  readonly path?: string;
}

/**
 * Every failure that a user can cause or mend. `code` is stable (documented in docs/errors.md); `message` says what happened, what was got and what to do.
 */
export class MultichexnetError extends Error {
  readonly code: string;
  readonly place: ErrorPlace;
  readonly [BRAND] = true;

  constructor(code: string, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MultichexnetError';
    this.code = code;
    this.place = place;
  }
}

/** Several problems of one input, reported together. */
export class ProblemsError extends MultichexnetError {
  readonly problems: readonly MultichexnetError[];

  constructor(problems: readonly MultichexnetError[]) {
    const first = problems[0];
    super(first?.code ?? 'PROBLEMS', problems.map((problem) => problem.message).join('\n'), first?.place ?? {});
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}

export function isMultichexnetError(error: unknown): error is MultichexnetError {
  return error instanceof Error && (error as { [BRAND]?: unknown })[BRAND] === true;
}
