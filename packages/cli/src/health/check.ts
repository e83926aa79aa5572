import { padEnd, wrap, type Style } from '../output/style.js';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when it is not well. */
  readonly remedy?: string;
}

/** The document of `setup` and `doctor`: a remedy stands where there is something to mend. */
export function checksDocument(checks: readonly Check[]): { ok: boolean; checks: Check[] } {
  return {
    ok: checks.every(({ ok }) => ok),
    checks: checks.map(({ remedy, ...check }) => (check.ok || remedy === undefined ? check : { ...check, remedy })),
  };
}

export function formatChecks(checks: readonly Check[], style: Style): string {
  const width = Math.max(...checks.map(({ name }) => name.length)) + 2;
  const indent = ' '.repeat(width + 6);
  return checks
    .flatMap(({ name, ok, detail, remedy }) => {
      const mark = ok ? style.green('ok  ') : style.red('FAIL');
      const lines = wrap(detail, style.width, indent).trimStart();
      return [
        `${mark}  ${padEnd(name, width)}${lines}`,
        ...(ok || remedy === undefined ? [] : [wrap(`do: ${remedy}`, style.width, indent)]),
      ];
    })
    .join('\n');
}
