// The COVID-19 image data collection's layout in its 30-column form: mixed formats, paths as findings, rows that readers must leave out.
import { encodePngGrey } from '@multichexnet/imaging';
import { drawFilm } from './draw-film.js';
import { drawAxial, drawLateral } from './draw-other.js';
import { encodeGrey } from './encode-grey.js';
import type { PlannedFilm } from './plan-cohort.js';
import { seededRandom, type Random } from './random.js';
import { countFindings, countPersons, mapAhead, writeBytes, writeLines } from './write-tree.js';
import type { DatasetReport, MapRow, WriteContext } from './write-tree.js';

const COLUMNS = [
  'patientid,offset,sex,age,finding,RT_PCR_positive,survival,intubated,intubation_present,went_icu,in_icu',
  'needed_supplemental_O2,extubated,temperature,pO2_saturation,leukocyte_count,neutrophil_count,lymphocyte_count',
  'view,modality,date,location,folder,filename,doi,url,license,clinical_notes,other_notes,',
].join(',');

interface Row {
  readonly film: PlannedFilm;
  readonly view: string;
  readonly modality: 'X-ray' | 'CT';
  readonly folder: 'images' | 'volumes';
  readonly file: string;
  readonly draw: ((size: number) => Uint8Array) | undefined;
}

/** Lateral films, CT slices and absent CT volumes per 100 frontal films, at least one of each. */
const EXTRAS = { lateral: 4, ct: 2, volume: 1 };

export async function writeCovid(
  films: readonly PlannedFilm[],
  context: WriteContext,
): Promise<{ report: DatasetReport; map: MapRow[] }> {
  const { root, size, seed, onImage } = context;
  const random = seededRandom(seed, 'covid-rows');
  const rows = [...films.map((film) => frontalRow(film, random)), ...extraRows(films, random)];
  const notes = rows.map(() => random.whole(0, 3));
  const lines = await mapAhead(rows, async (row, index) => {
    if (row.draw !== undefined) {
      await writeBytes(root, `${row.folder}/${row.file}`, await encode(row.draw(size), size, row.file, index));
      onImage();
    }
    return metadataLine(row, notes[index] ?? 0);
  });
  await writeLines(root, 'metadata.csv', [COLUMNS, ...random.shuffle(lines)]);
  return {
    report: {
      images: rows.filter((row) => row.draw !== undefined).length,
      patients: countPersons(films),
      findings: countFindings(films),
      boxes: 0,
      masks: 0,
    },
    map: rows.map((row) => ({ dataset: 'covid', image: row.file, person: row.film.person.number })),
  };
}

/** Image files beside the frontal films, for progress. */
export function countCovidExtras(films: number): number {
  return share(films, EXTRAS.lateral) + share(films, EXTRAS.ct);
}

function share(films: number, perHundred: number): number {
  return Math.max(1, Math.round((films * perHundred) / 100));
}

function frontalRow(film: PlannedFilm, random: Random): Row {
  const ending = random.pick(['jpg', 'jpg', 'jpeg', 'png', 'png']);
  const view = film.view === 'AP' && random.chance(0.3) ? 'AP Supine' : film.view;
  const file = `phantom-${film.person.number}-${film.followUp}.${ending}`;
  return { film, view, modality: 'X-ray', folder: 'images', file, draw: (size) => drawFilm(film, size).pixels };
}

function extraRows(films: readonly PlannedFilm[], random: Random): Row[] {
  const some = (count: number): readonly PlannedFilm[] => random.shuffle(films).slice(0, count);
  const id = (film: PlannedFilm): string => `phantom-${film.person.number}-${film.followUp}`;
  return [
    ...some(share(films.length, EXTRAS.lateral)).map((film): Row => {
      const draw = (size: number): Uint8Array => drawLateral(size, film.imageSeed);
      return { film, view: 'L', modality: 'X-ray', folder: 'images', file: `${id(film)}-lateral.png`, draw };
    }),
    ...some(share(films.length, EXTRAS.ct)).map((film): Row => {
      const draw = (size: number): Uint8Array => drawAxial(size, film.imageSeed);
      return { film, view: 'Axial', modality: 'CT', folder: 'images', file: `${id(film)}-slice.jpg`, draw };
    }),
    ...some(share(films.length, EXTRAS.volume)).map((film): Row => ({
      film,
      view: 'Axial',
      modality: 'CT',
      folder: 'volumes',
      file: `${id(film)}.nii.gz`,
      draw: undefined,
    })),
  ];
}

async function encode(pixels: Uint8Array, size: number, file: string, index: number): Promise<Uint8Array> {
  if (file.endsWith('.png')) {
    if (index % 5 === 0) return encodeGrey(pixels, size, 'rgba-png');
    return index % 5 === 1 ? encodeGrey(pixels, size, 'rgb-png') : encodePngGrey(pixels, size, size);
  }
  return encodeGrey(pixels, size, index % 6 === 0 ? 'grey-jpeg' : 'rgb-jpeg');
}

function metadataLine({ film, view, modality, folder, file }: Row, note: number): string {
  const covid = film.findings.includes('COVID-19');
  const cells: Record<string, string | number> = {
    patientid: film.person.number,
    offset: film.followUp * 3,
    sex: film.person.sex,
    age: film.ageYears,
    finding: findingPath(film),
    RT_PCR_positive: covid ? 'Y' : '',
    view,
    modality,
    date: note === 0 ? '"January 25, 2020"' : '2020',
    location: note === 1 ? '"Nowhere, generated"' : 'generated',
    folder,
    filename: file,
    license: 'Apache-2.0',
    clinical_notes: note === 2 ? '"Generated image, no patient; said ""chest-like"""' : '',
  };
  return COLUMNS.split(',')
    .map((column) => String(cells[column] ?? ''))
    .join(',');
}

function findingPath({ findings }: PlannedFilm): string {
  if (findings.includes('COVID-19')) return 'Pneumonia/Viral/COVID-19';
  if (findings.includes('Pneumonia')) return 'Pneumonia/Bacterial/Streptococcus';
  if (findings.includes('Consolidation')) return 'Pneumonia/Bacterial/Klebsiella';
  if (findings.includes('Infiltration')) return 'Pneumonia/Fungal/Pneumocystis';
  return 'No Finding';
}
