// NIH ChestX-ray14's layout: PNGs, a ragged header, boxes in 1024-pixel space, split lists by patient.
import { encodePngGrey } from '@multichexnet/imaging';
import { drawFilm } from './draw-film.js';
import type { PhantomBox } from './draw-phantom.js';
import { encodeGrey } from './encode-grey.js';
import type { ChestFinding } from './findings.js';
import type { PlannedFilm } from './plan-cohort.js';
import { countFindings, countPersons, mapAhead, writeBytes, writeLines } from './write-tree.js';
import type { DatasetReport, MapRow, WriteContext } from './write-tree.js';

const DATA_ENTRY_HEADER =
  'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,' +
  'OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]';
const BOX_HEADER = 'Image Index,Finding Label,Bbox [x,y,w,h],,,';

/** The findings that BBox_List_2017.csv knows, in its own words. */
const BOX_NAMES: Partial<Record<ChestFinding, string>> = {
  Atelectasis: 'Atelectasis',
  Cardiomegaly: 'Cardiomegaly',
  Effusion: 'Effusion',
  Infiltration: 'Infiltrate',
  Mass: 'Mass',
  Nodule: 'Nodule',
  Pneumonia: 'Pneumonia',
  Pneumothorax: 'Pneumothorax',
};
const BOX_SPACE = 1024;

/** As the published PNGs are: a few are RGBA. */
const RGBA_EVERY = 97;

export async function writeChestxray14(
  films: readonly PlannedFilm[],
  testPersons: ReadonlySet<number>,
  context: WriteContext,
): Promise<{ report: DatasetReport; map: MapRow[] }> {
  const { root, size, onImage } = context;
  const rows = await mapAhead(films, async (film, index) => {
    const name = imageName(film);
    const { pixels, boxes } = drawFilm(film, size);
    const png =
      index % RGBA_EVERY === RGBA_EVERY - 1
        ? await encodeGrey(pixels, size, 'rgba-png')
        : await encodePngGrey(pixels, size, size);
    await writeBytes(root, `images/${name}`, png);
    onImage();
    return { name, film, boxes: boxes.flatMap((box) => boxRow(name, box, size)) };
  });
  const boxes = rows.flatMap((row) => row.boxes);
  await writeLines(root, 'Data_Entry_2017_v2020.csv', [
    DATA_ENTRY_HEADER,
    ...rows.map(({ name, film }) => entryRow(name, film)),
  ]);
  await writeLines(root, 'BBox_List_2017.csv', [BOX_HEADER, ...boxes]);
  const isTest = ({ film }: (typeof rows)[number]): boolean => testPersons.has(film.person.number);
  await writeLines(
    root,
    'train_val_list.txt',
    rows.filter((row) => !isTest(row)).map((row) => row.name),
  );
  await writeLines(
    root,
    'test_list.txt',
    rows.filter(isTest).map((row) => row.name),
  );
  return {
    report: {
      images: rows.length,
      patients: countPersons(films),
      findings: countFindings(films),
      boxes: boxes.length,
      masks: 0,
    },
    map: rows.map(({ name, film }) => ({ dataset: 'chestxray14', image: name, person: film.person.number })),
  };
}

function imageName(film: PlannedFilm): string {
  return `${String(film.person.number).padStart(8, '0')}_${String(film.followUp).padStart(3, '0')}.png`;
}

function entryRow(name: string, film: PlannedFilm): string {
  const labels = film.findings.length === 0 ? 'No Finding' : [...film.findings].sort().join('|');
  const original = film.view === 'PA' ? '2048,2500,0.171,0.171' : '2500,2048,0.168,0.168';
  return [name, labels, film.followUp, film.person.number, film.ageYears, film.person.sex, film.view, original].join(
    ',',
  );
}

function boxRow(name: string, box: PhantomBox, size: number): string[] {
  const label = box.finding === 'COVID-19' ? undefined : BOX_NAMES[box.finding];
  if (label === undefined || box.width <= 0 || box.height <= 0) return [];
  const scale = BOX_SPACE / size;
  return [[name, label, ...[box.x, box.y, box.width, box.height].map((value) => value * scale)].join(',')];
}
