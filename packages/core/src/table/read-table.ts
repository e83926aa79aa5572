import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { ColumnSpec } from './column-spec.js';
import { matchHeader, type MatchedHeader } from './match-header.js';
import type { ProblemList } from './problem-list.js';

/** Bytes that one record may have: a quote that never closes must not take the rest of a large file into memory. */
const LARGEST_RECORD = 1 << 20;

/** Columns by the caller's own keys. */
export type TableSpec<C extends string> = Readonly<Record<C, ColumnSpec>>;

/** Trimmed cells by key, and the 1-based line on which the record begins. */
export type TableRow<C extends string> = Readonly<Record<C, string>> & { readonly line: number };

export interface TableFile {
  /** Where it is. */
  readonly path: string;
  /** How problems call it: relative to the root where there is one. */
  readonly name: string;
  /** A header without rows is right, e.g. for a table of boxes. */
  readonly mayBeEmpty?: boolean;
  /** Gets the names of the header, for a caller whose columns are optional. */
  readonly onHeader?: (names: readonly string[]) => void;
}

export interface TableSummary {
  /** Data rows, malformed ones included, blank lines not. */
  readonly rows: number;
  /** False when nothing could be read: no file, no usable header. */
  readonly readable: boolean;
  /** False when reading stopped before the end. */
  readonly complete: boolean;
}

/**
 * Streams a CSV of a public dataset: BOM, CRLF, blank lines, spaces around cells and headers whose commas don't match their rows are read as meant.
 * Never throws on content: what is wrong goes to `problems` as `DATA_MISSING_FILE`, `CSV_HEADER`, `CSV_ROW` or `CSV_QUOTE` with its line.
 * `onRow` sees the well-formed rows in order.
 */
export async function readTable<C extends string>(
  file: TableFile,
  spec: TableSpec<C>,
  problems: ProblemList,
  onRow: (row: TableRow<C>) => void,
): Promise<TableSummary> {
  let header: MatchedHeader | undefined;
  let headerFailed = false;
  let rows = 0;
  let line = 1; // where the record that is being read begins
  let parserLines = 0;

  const onRecord = (cells: string[], context: { readonly lines: number }): null => {
    const start = line;
    line += 1 + (context.lines - parserLines > 1 ? breaksInside(cells) : 0);
    parserLines = context.lines;
    if (headerFailed || (cells.length === 1 && cells[0]?.trim() === '')) return null;
    if (header === undefined) {
      header = matchHeader(cells, spec, (message) => problems.add('CSV_HEADER', file.name, start, message));
      headerFailed = header === undefined;
      file.onHeader?.(cells.map((cell) => cell.trim()));
      return null;
    }
    rows++;
    const wrong = header.countProblem(cells);
    if (wrong === undefined) onRow(header.row(cells, start) as TableRow<C>);
    else problems.add('CSV_ROW', file.name, start, wrong);
    return null;
  };

  const parser = parse({
    bom: true,
    trim: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: LARGEST_RECORD,
    on_record: onRecord,
  });
  parser.resume();
  let complete = true;
  try {
    await pipeline(createReadStream(file.path, { highWaterMark: 1 << 18 }), parser);
  } catch (error) {
    complete = false;
    if (error instanceof CsvError) {
      const [code, message] = describe(error);
      problems.add(code, file.name, line, `${message}; the rest of the file was not read`);
    } else if (isFileError(error)) {
      problems.add('DATA_MISSING_FILE', file.name, undefined, `cannot be read (${error.code})`);
      return { rows: 0, readable: false, complete };
    } else throw error;
  }
  if (header === undefined && !headerFailed && complete)
    problems.add('CSV_HEADER', file.name, 1, 'the file is empty; a header line is expected');
  if (header !== undefined && complete && rows === 0 && file.mayBeEmpty !== true)
    problems.add('CSV_ROW', file.name, 1, 'the table has a header but no rows');
  return { rows, readable: header !== undefined, complete };
}

/** Line breaks inside quoted cells; the parser itself counts CRLF there as two. */
function breaksInside(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) count += cell.match(/\r\n|\r|\n/g)?.length ?? 0;
  return count;
}

function describe(error: CsvError): [code: string, message: string] {
  switch (error.code as string) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return ['CSV_QUOTE', 'a quoted cell begins here and never ends'];
    case 'CSV_MAX_RECORD_SIZE':
      return ['CSV_QUOTE', 'the row that begins here has more than 1 MiB; probably a quote never closes'];
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return ['CSV_QUOTE', 'a quote stands inside a cell; write it twice and quote the whole cell'];
    default:
      return ['CSV_ROW', `the row cannot be parsed (${error.code})`];
  }
}

function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
