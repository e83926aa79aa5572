import type { Sample } from './sample.js';

/** What an adapter finds under a root: the index (cheap, no pixels decoded) with everything that is wrong about it. */
export interface DatasetIndex {
  readonly kind: string;
  readonly root: string;
  /** Usable samples, in table order. */
  readonly samples: readonly Sample[];
  /** Names that `labels.findings` of this dataset may hold. */
  readonly vocabulary: readonly string[];
  readonly counts: DatasetCounts;
  /** Rows that the layout itself leaves out, by reason (`ct`, `absent-gz`, `lateral-view`, ...): no problems. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly problems: readonly DataProblem[];
}

/** Counts over the images that the tables name and that are on disk, before unusable ones are skipped. */
export interface DatasetCounts {
  readonly images: number;
  readonly patients: number;
  /** Images per label, in the dataset's own words (`No Finding`, `Lung Opacity`, `COVID-19, ARDS`). */
  readonly labels: Readonly<Record<string, number>>;
  /** Images per view, in the dataset's own words; absent where no table and no header says. */
  readonly views?: Readonly<Record<string, number>>;
  readonly boxes: number;
  /** Table rows that carry a mask. */
  readonly masks: number;
  /** Images with at least one box or a mask that is not empty, where the dataset has such labels. */
  readonly positives?: number;
}

/** One thing wrong in a root, with the place to mend it. */
export interface DataProblem {
  /** Stable code, e.g. `CSV_HEADER`, `CSV_ROW`, `LABEL_UNKNOWN`, `BOX_INVALID`, `RLE_INVALID`, `DATA_MISSING_FILE`, `SPLIT_LEAK`, `DATA_PATH`. */
  readonly code: string;
  /** Path relative to the root where possible. */
  readonly file: string;
  /** 1-based line (the header is line 1). */
  readonly line?: number;
  readonly message: string;
  /** Present where the data can be used all the same: something is odd, and `data verify` does not fail for it. */
  readonly warning?: true;
}

export interface DatasetContext {
  /** (dataset, image id) -> global patient key; undefined where the map has no row. */
  readonly patientOf?: (dataset: string, image: string) => string | undefined;
}
