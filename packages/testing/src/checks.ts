import { describe, test, type TestContext } from 'vitest';
import { TestingError } from './errors.js';
import { useTestEngine } from './test-engine.js';

/** A check that a plugin cannot pass, and why that is right for it. */
export interface Skip {
  readonly test: string;
  readonly reason: string;
}

/** One named check of a kit. */
export interface Check {
  readonly name: string;
  readonly run: (context: TestContext) => void | Promise<void>;
}

/**
 * Registers checks as vitest tests; a skipped one shows its reason.
 *
 * @throws {TestingError} TESTING_SKIP_UNKNOWN (no check of that name), TESTING_SKIP_REASON (without a reason)
 */
export function registerChecks(
  title: string,
  checks: readonly Check[],
  skips: readonly Skip[] = [],
  { engine = true }: { readonly engine?: boolean } = {},
): void {
  const names = checks.map(({ name }) => name);
  for (const skip of skips) {
    if (!names.includes(skip.test)) {
      throw new TestingError(
        'TESTING_SKIP_UNKNOWN',
        `no check "${skip.test}" to skip for ${title}; the checks are: ${names.join(', ')}`,
      );
    }
    if (skip.reason.trim() === '') {
      throw new TestingError(
        'TESTING_SKIP_REASON',
        `the skip of "${skip.test}" for ${title} gives no reason: say why the plugin cannot pass it`,
      );
    }
  }
  describe(title, () => {
    if (engine) useTestEngine();
    for (const { name, run } of checks) {
      const skip = skips.find((candidate) => candidate.test === name);
      if (skip === undefined) test(name, run);
      else test.skip(`${name} (${skip.reason})`, run);
    }
  });
}
