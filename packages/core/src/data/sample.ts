/** One image with the labels it has. A label that it lacks is unknown, never zero. Plain data: it crosses thread and process borders. */
export interface Sample {
  /** Kind of the dataset that it comes from, e.g. `rsna`. */
  readonly dataset: string;
  /** Unique within its dataset: file name, RSNA patientId, SOPInstanceUID. */
  readonly id: string;
  /** Absolute path of the image file (PNG, JPEG or DICOM). */
  readonly image: string;
  readonly patient: Patient;
  /** `PA`, `AP`, `AP Supine`, `L`, ... as the dataset says; absent = unknown. */
  readonly view?: string;
  /** Where the dataset itself got the image from (hospital, publication), for subgroup tables. */
  readonly source?: string;
  /** What else the dataset says of the image in its own words (RSNA's `class`, a user's column), for subgroup tables; never a label. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** What the dataset's own split list says; `assignSplits` turns it into `split`. */
  readonly officialSplit?: Split;
  readonly labels: Labels;
}

export interface Patient {
  /** Global key: equal for one person in every dataset where a patient map says so, else `<dataset>:<own id>`. */
  readonly key: string;
  readonly sex?: 'F' | 'M';
  /** Years, fractions allowed for infants. */
  readonly ageYears?: number;
}

export interface Labels {
  /** Known findings only, by vocabulary name: `{ Pneumonia: true }` says nothing about Pneumothorax. */
  readonly findings: Readonly<Record<string, boolean>>;
  /** Boxes in pixels of the original image; `[]` = known to have none; absent = unknown. */
  readonly boxes?: readonly LabelledBox[];
  /** Mask at `width` x `height`; an empty `rle` = known to be empty; absent = unknown. */
  readonly mask?: MaskLabel;
}

export interface LabelledBox {
  /** Left and top edge, pixels of the original image. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly finding?: string;
}

export interface MaskLabel {
  readonly width: number;
  readonly height: number;
  /** Rows in the SIIM-ACR encoding (relative, 0-based, column-major), to be ORed. */
  readonly rle: readonly string[];
}

export type Split = 'train' | 'validation' | 'test';

export interface SplitSample extends Sample {
  readonly split: Split;
}
