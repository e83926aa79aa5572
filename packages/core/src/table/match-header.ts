import { suggestion } from '../plugin/nearest.js';
import { shown } from './cells.js';
import type { ColumnSpec } from './column-spec.js';

/** How the records of one table map to the caller's columns. */
export interface MatchedHeader {
  /** What is wrong with the number of cells, if anything. */
  countProblem(cells: readonly string[]): string | undefined;
  row(cells: readonly string[], line: number): Readonly<Record<string, string | number>>;
}

/**
 * Finds the columns by name. NIH's headers have more commas than their rows (`OriginalImage[Width,Height]` names two columns, `Bbox [x,y,w,h],,,`
 * ends in three without a name), and some files end every row with a comma: so columns without a name at the end may be missing or hold anything, and
 * cells beyond the header may be there when empty.
 */
export function matchHeader(
  cells: readonly string[],
  spec: Readonly<Record<string, ColumnSpec>>,
  report: (message: string) => void,
): MatchedHeader | undefined {
  const names = cells.map((cell) => cell.trim());
  let named = names.length;
  while (named > 0 && names[named - 1] === '') named--;
  const columns: [key: string, index: number][] = [];
  let failed = false;
  for (const [key, column] of Object.entries(spec)) {
    const accepted = new Set([column.name, ...(column.aliases ?? [])]);
    const found = names.flatMap((name, index) => (accepted.has(name) ? [index] : []));
    if (found.length > 1 || (found.length === 0 && column.optional !== true)) {
      report(found.length > 1 ? `column ${shown(column.name)} is there ${found.length} times` : missing(column, names));
      failed = true;
    }
    columns.push([key, found[0] ?? -1]);
  }
  if (failed) return undefined;
  return {
    countProblem(row) {
      if (row.length < named) return `${row.length} cells where the header names ${named}`;
      const extra = row.slice(names.length).find((cell) => cell.trim() !== '');
      return extra === undefined
        ? undefined
        : `${row.length} cells where the header has ${names.length}; the first extra one is ${shown(extra)}`;
    },
    row(row, line) {
      const result: Record<string, string | number> = { line };
      for (const [key, index] of columns) result[key] = index < 0 ? '' : (row[index] ?? '').trim();
      return result;
    },
  };
}

/** A hostile header may have half a million names, of any length. */
const MOST_NAMES = 200;

function missing(column: ColumnSpec, names: readonly string[]): string {
  const first = names[0] ?? '';
  const separator = names.length === 1 ? [';', '\t', '|'].find((mark) => first.includes(mark)) : undefined;
  const hint =
    separator !== undefined && first.includes(column.name)
      ? `the cells are separated by ${shown(separator)}, not by commas`
      : suggestion(
          column.name,
          [...new Set(names)]
            .filter((name) => name !== '')
            .slice(0, MOST_NAMES)
            .map((name) => name.slice(0, 80).replaceAll(/[\u0000-\u001f\u007f]/g, '?')),
        );
  return `column ${shown(column.name)} is missing; ${hint.length <= 300 ? hint : `${hint.slice(0, 297)}...`}`;
}
