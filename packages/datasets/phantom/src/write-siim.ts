// SIIM-ACR's layout: study/series/sop folders, relative column-major RLE with a leading space, several rows for some positives.
import { createUid, encodeRle } from '@multichexnet/imaging';
import { drawFilm } from './draw-film.js';
import type { PlannedFilm } from './plan-cohort.js';
import { seededRandom } from './random.js';
import { encodeDicomFilm } from './write-dicom-film.js';
import { countFindings, countPersons, mapAhead, writeBytes, writeLines } from './write-tree.js';
import type { DatasetReport, MapRow, WriteContext } from './write-tree.js';

/** Share of the positives whose mask is spread over several rows, to be united. */
const SEVERAL_ROWS = 0.3;

export async function writeSiim(
  films: readonly PlannedFilm[],
  context: WriteContext,
): Promise<{ report: DatasetReport; map: MapRow[] }> {
  const { root, size, seed, onImage } = context;
  const random = seededRandom(seed, 'siim-rows');
  const several = films.map(() => random.chance(SEVERAL_ROWS));
  const rows = await mapAhead(films, async (film, index) => {
    const sop = createUid(seed, 'siim', index);
    const ids = {
      patientId: createUid(seed, 'siim-patient', film.person.number),
      study: createUid(seed, 'siim-study', index),
      series: createUid(seed, 'siim-series', index),
      sop,
    };
    const { pixels, mask } = drawFilm(film, size);
    const bytes = await encodeDicomFilm(film, pixels, size, ids, index);
    await writeBytes(root, `dicom-images-train/${ids.study}/${ids.series}/${sop}.dcm`, bytes);
    onImage();
    const parts = several[index] === true ? splitMask(mask, size) : [mask];
    return { sop, film, rle: parts.map((part) => encodeRle(part, { width: size, height: size, relative: true })) };
  });
  const lines = rows.flatMap(({ sop, rle }) => rle.map((text) => `${sop}, ${text}`));
  await writeLines(root, 'train-rle.csv', ['ImageId, EncodedPixels', ...random.shuffle(lines)]);
  return {
    report: {
      images: rows.length,
      patients: countPersons(films),
      findings: countFindings(films),
      boxes: 0,
      masks: rows.reduce((sum, row) => sum + row.rle.filter((text) => text !== '-1').length, 0),
    },
    map: rows.map(({ sop, film }) => ({ dataset: 'siim', image: sop, person: film.person.number })),
  };
}

/** Upper and lower part of a mask, cut at the middle of its rows; one part when it has a single row or none. */
function splitMask(mask: Uint8Array, size: number): Uint8Array[] {
  const first = mask.indexOf(1);
  const last = mask.lastIndexOf(1);
  const cut = size * Math.ceil((Math.floor(first / size) + Math.floor(last / size)) / 2);
  if (first < 0 || cut <= first || cut > last) return [mask];
  return [mask.map((value, i) => (i < cut ? value : 0)), mask.map((value, i) => (i < cut ? 0 : value))];
}
