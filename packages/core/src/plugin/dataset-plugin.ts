import type { DataProblem, DatasetContext, DatasetIndex } from '../data/dataset.js';
import type { OptionsOf, OptionsSchema } from './schema.js';

/** Reads one public dataset's true on-disk layout. */
export interface DatasetPlugin<S extends OptionsSchema = OptionsSchema, K extends string = string> {
  readonly kind: K;
  readonly apiVersion: 1;
  readonly options: S;
  /** One line per file or folder that a root must hold, for messages. */
  readonly layout: readonly string[];
  /**
   * Indexes a root without decoding pixels. What is wrong in tables and files goes to `problems`; only a root that is not of this layout at all throws
   * (`DATA_ROOT_MISSING`).
   */
  open(root: string, options: OptionsOf<S>, context: DatasetContext): Promise<DatasetIndex>;
  /** Checks one table of this layout alone (`data verify KIND ROOT --table FILE`). */
  checkTable(file: string): Promise<TableReport>;
}

export interface TableReport {
  /** Data rows that were read, blank lines not counted. */
  readonly rows: number;
  readonly problems: readonly DataProblem[];
}

/** Author-time identity that checks and infers the options type. */
export function defineDataset<const S extends OptionsSchema, const K extends string = string>(
  plugin: DatasetPlugin<S, K>,
): DatasetPlugin<S, K> {
  return plugin;
}
