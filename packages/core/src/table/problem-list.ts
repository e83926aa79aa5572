import type { DataProblem } from '../data/dataset.js';

/** Problems of one code in one file that are kept one by one; the rest is counted. */
const KEPT = 1000;

interface Group {
  readonly code: string;
  readonly file: string;
  readonly kept: DataProblem[];
  total: number;
}

/** A problem as one line, for where nothing else says the place: `CODE file:line: message`. */
export function problemLine({ code, file, line, message }: DataProblem): string {
  return `${code} ${line === undefined ? file : `${file}:${line}`}: ${message}`;
}

/** Gathers what is wrong in a root or a table. A hostile file of a million bad rows costs counters, not memory. */
export class ProblemList {
  readonly #groups = new Map<string, Group>();

  add(code: string, file: string, line: number | undefined, message: string): void {
    const key = `${code}\0${file}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { code, file, kept: [], total: 0 };
      this.#groups.set(key, group);
    }
    group.total++;
    if (group.kept.length < KEPT) {
      group.kept.push({ code, file, ...(line === undefined ? {} : { line }), message });
    }
  }

  /** Problems of any kind so far. */
  get total(): number {
    let total = 0;
    for (const group of this.#groups.values()) total += group.total;
    return total;
  }

  /** File by file in the order of their first problem, by line inside a file. */
  toArray(): DataProblem[] {
    const files = new Map<string, DataProblem[]>();
    for (const { code, file, kept, total } of this.#groups.values()) {
      const list = files.get(file) ?? [];
      files.set(file, list);
      for (const problem of kept) list.push(problem);
      if (total > kept.length)
        list.push({ code, file, message: `${total - kept.length} more problems of this kind are not listed` });
    }
    return [...files.values()].flatMap((list) => list.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0));
  }
}
