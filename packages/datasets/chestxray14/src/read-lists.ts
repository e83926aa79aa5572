import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isPlainFileName, shown, type ProblemList, type TableFile } from '@multichexnet/core';

export const trainList = 'train_val_list.txt';
export const testList = 'test_list.txt';

/** The official lists have 1.5 MB; a line is not bounded otherwise. */
const LARGEST_LIST = 1 << 26;

/** Image name -> line. */
export type SplitList = ReadonlyMap<string, number>;

/** Reads a split list: one image name a line, blank lines ignored. Undefined, with a problem, when the file can't be read. */
export async function readList(file: TableFile, problems: ProblemList): Promise<SplitList | undefined> {
  const images = new Map<string, number>();
  let line = 0;
  try {
    if ((await stat(file.path)).size > LARGEST_LIST) {
      problems.add('CSV_ROW', file.name, undefined, 'has more than 64 MiB; a split list has one image name a line');
      return undefined;
    }
    const lines = createInterface({ input: createReadStream(file.path), crlfDelay: Infinity });
    for await (const text of lines) {
      line++;
      const name = text.replace(/^\ufeff/, '').trim();
      if (name === '') continue;
      const earlier = images.get(name);
      if (!isPlainFileName(name)) problems.add('DATA_PATH', file.name, line, `${shown(name)} is not a plain file name`);
      else if (earlier !== undefined)
        problems.add('ID_DUPLICATE', file.name, line, `repeats line ${earlier} (${shown(name)})`);
      else images.set(name, line);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.add('DATA_MISSING_FILE', file.name, undefined, `cannot be read (${code})`);
    return undefined;
  }
  return images;
}

/**
 * Reports images, and patients with different images, that stand in both lists, in either file. A patient one of whose images is in both lists is
 * reported by those images alone.
 */
export function reportLeaks(
  train: { readonly name: string; readonly list: SplitList },
  test: { readonly name: string; readonly list: SplitList },
  patientOf: (image: string) => string,
  problems: ProblemList,
): void {
  const explained = new Set<string>();
  for (const [image, testLine] of test.list) {
    const trainLine = train.list.get(image);
    if (trainLine === undefined) continue;
    explained.add(patientOf(image));
    problems.add('SPLIT_LEAK', train.name, trainLine, `${shown(image)} is on line ${testLine} of ${test.name} too`);
    problems.add('SPLIT_LEAK', test.name, testLine, `${shown(image)} is on line ${trainLine} of ${train.name} too`);
  }
  const patientsOf = (list: SplitList) => new Set([...list.keys()].map(patientOf));
  const inTrain = patientsOf(train.list);
  const inTest = patientsOf(test.list);
  for (const [here, there, others] of [
    [train, test, inTest],
    [test, train, inTrain],
  ] as const) {
    for (const [image, line] of here.list) {
      const patient = patientOf(image);
      if (!explained.has(patient) && others.has(patient))
        problems.add(
          'SPLIT_LEAK',
          here.name,
          line,
          `patient ${patient} (${shown(image)}) has images in ${there.name} too`,
        );
    }
  }
}

/** The patient in an NIH name: `00000003_001.png` -> `3`. */
export function patientOfName(image: string): string {
  return (image.split('_', 1)[0] ?? image).replace(/^0+(?=\d)/, '');
}
