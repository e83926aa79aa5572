import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PhantomError } from './errors.js';
import { DEFAULT_COUNTS, planCohort, type PhantomDataset } from './plan-cohort.js';
import { writeChestxray14 } from './write-chestxray14.js';
import { countCovidExtras, writeCovid } from './write-covid.js';
import { writeRsna } from './write-rsna.js';
import { writeSiim } from './write-siim.js';
import type { DatasetReport, MapRow, WriteContext } from './write-tree.js';

export interface PhantomOptions {
  /** Folder for the four data sets; made where absent. */
  readonly out: string;
  /** Frontal films per data set, 10 to 200,000; by default enough for more than 200 held-out films each. */
  readonly images?: number;
  /** Pixels a side of the stored films, 32 to 4,096; default 128. */
  readonly size?: number;
  /** Whole number; the same seed writes the same bytes. Default 1. */
  readonly seed?: number;
  /** Replace data sets that are there already; else they are an error. */
  readonly overwrite?: boolean;
  /** After each image file: how many are done, of how many, and where. */
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly dataset: PhantomDataset;
  }) => void;
}

export interface PhantomReport {
  readonly out: string;
  readonly seed: number;
  readonly size: number;
  readonly patients: number;
  /** `chestxray14`, `rsna`, `siim`, `covid`. */
  readonly datasets: Readonly<Record<PhantomDataset, DatasetReport & { readonly root: string }>>;
  /** Path of patient_map.csv: dataset, image, patient. */
  readonly patientMap: string;
}

const DATASETS = ['chestxray14', 'rsna', 'siim', 'covid'] as const;

const README = `These are generated images, drawn by a program from a seed. There are no patients, and nothing here is a radiograph.

chestxray14/, rsna/, siim/ and covid/ have the layouts of the four public data sets of these names, with their quirks.
patient_map.csv names the generated person of every image; some persons are in more than one data set.

Numbers that come from these images show that the machinery works, nothing else.
`;

/** In every data set's own root, where tables look for what they must repeat. */
const ROOT_README = `# Generated phantom images: no patients, no radiographs

**Numbers that come from these images show that the machinery works, nothing else.**
`;

/**
 * Draws a cohort and writes it in the layouts of the four public data sets. Each data set is written beside its place and renamed when whole.
 *
 * @throws PhantomError PHANTOM_OPTIONS, PHANTOM_EXISTS
 */
export async function writePhantom(options: PhantomOptions): Promise<PhantomReport> {
  const { out, images, size = 128, seed = 1, overwrite = false, onProgress } = options;
  assertWhole('images', images ?? 1000, 10, 200_000);
  assertWhole('size', size, 32, 4096);
  assertWhole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  await prepare(out, overwrite);
  const counts =
    images === undefined ? DEFAULT_COUNTS : { chestxray14: images, rsna: images, siim: images, covid: images };
  const cohort = planCohort(seed, counts);
  const { films } = cohort;
  const total = DATASETS.reduce((sum, name) => sum + films[name].length, countCovidExtras(films.covid.length));
  let done = 0;

  const write = async (
    dataset: PhantomDataset,
    writer: (context: WriteContext) => Promise<{ report: DatasetReport; map: MapRow[] }>,
  ): Promise<{ report: DatasetReport & { root: string }; map: MapRow[] }> => {
    const root = join(out, `${dataset}.partial`);
    await mkdir(root);
    const onImage = (): void => onProgress?.({ done: ++done, total, dataset });
    const { report, map } = await writer({ root, size, seed, onImage });
    await writeFile(join(root, 'README.md'), ROOT_README);
    const home = join(out, dataset);
    await rename(root, home);
    return { report: { root: home, ...report }, map };
  };
  const chestxray14 = await write('chestxray14', (c) => writeChestxray14(films.chestxray14, cohort.testPersons, c));
  const rsna = await write('rsna', (c) => writeRsna(films.rsna, c));
  const siim = await write('siim', (c) => writeSiim(films.siim, c));
  const covid = await write('covid', (c) => writeCovid(films.covid, c));

  const map = [chestxray14, rsna, siim, covid].flatMap((part) => part.map);
  const patientMap = join(out, 'patient_map.csv');
  const lines = map.map((row) => `${row.dataset},${row.image},phantom:${row.person}`);
  await writeFile(join(out, 'README.txt'), README);
  await writeFile(patientMap, ['dataset,image,patient', ...lines, ''].join('\n'));
  return {
    out,
    seed,
    size,
    patients: new Set(map.map((row) => row.person)).size,
    datasets: { chestxray14: chestxray14.report, rsna: rsna.report, siim: siim.report, covid: covid.report },
    patientMap,
  };
}

/** Makes the folder, clears what an interrupted run left, and refuses or removes what is there already. */
async function prepare(out: string, overwrite: boolean): Promise<void> {
  await mkdir(out, { recursive: true });
  const present = new Set(await readdir(out));
  const finished = DATASETS.filter((name) => present.has(name));
  if (finished.length > 0 && !overwrite) {
    throw new PhantomError(
      'PHANTOM_EXISTS',
      `${out} holds ${finished.join(', ')} already; choose another folder, or replace them by --overwrite`,
    );
  }
  const stale = [...DATASETS.map((name) => `${name}.partial`), ...finished];
  await Promise.all(stale.map((name) => rm(join(out, name), { recursive: true, force: true })));
}

function assertWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new PhantomError(
    'PHANTOM_OPTIONS',
    `phantom ${name} must be a whole number from ${low} to ${high}, got ${value}`,
  );
}
