import { harmonise, isPlainFileName, type LabelledBox, type Split } from '@multichexnet/core';

/** What a table, a COCO file or the place of a file says of one image, before the file itself is looked at. */
export interface ImageRecord {
  /** Path below the folder of the images, with `/`. */
  readonly id: string;
  /** Where it is said: a file below the root, and its line if it has lines. */
  readonly file: string;
  readonly line?: number;
  /** The dataset's own patient; absent = the image stands for one. */
  readonly patient?: string;
  readonly split?: Split;
  readonly sex?: 'F' | 'M';
  readonly ageYears?: number;
  readonly view?: string;
  readonly source?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly findings: Readonly<Record<string, boolean>>;
  /** As the dataset says it, for counts. */
  readonly words: readonly string[];
  readonly boxes?: LabelledBox[];
  /** Path of a PNG mask below the root; '' = known to be empty; absent = unknown. */
  readonly mask?: string;
  /** False after a wrong cell. */
  usable: boolean;
}

const SPLITS: ReadonlyMap<string, Split> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'validation'],
  ['valid', 'validation'],
  ['validation', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
]);

export function parseSplit(text: string): Split | undefined {
  return SPLITS.get(text.toLowerCase());
}

/** A path that stays below its folder: plain names joined by `/` (or `\`), `./` in front allowed. Undefined for any other. */
export function safePath(text: string): string | undefined {
  const parts = text
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .split('/');
  return parts.every(isPlainFileName) ? parts.join('/') : undefined;
}

/** The name under which a finding goes: the vocabulary's, or the word itself. */
export function findingName(word: string, harmonised: boolean): string {
  return harmonised ? harmonise(word) : word.trim();
}

export const NO_FINDING = 'No Finding';
