// The RSNA Pneumonia Detection Challenge's layout: one DICOM per "patientId" (in truth one image), one label row per box.
import { createUid } from '@multichexnet/imaging';
import { drawFilm } from './draw-film.js';
import type { PlannedFilm } from './plan-cohort.js';
import { deriveSeed } from './random.js';
import { encodeDicomFilm } from './write-dicom-film.js';
import { countFindings, countPersons, mapAhead, writeBytes, writeLines } from './write-tree.js';
import type { DatasetReport, MapRow, WriteContext } from './write-tree.js';

export async function writeRsna(
  films: readonly PlannedFilm[],
  context: WriteContext,
): Promise<{ report: DatasetReport; map: MapRow[] }> {
  const { root, size, seed, onImage } = context;
  const rows = await mapAhead(films, async (film, index) => {
    const id = uuid(seed, index);
    const { pixels, boxes } = drawFilm(film, size);
    const ids = {
      patientId: id,
      study: createUid(seed, 'rsna-study', index),
      series: createUid(seed, 'rsna-series', index),
      sop: createUid(seed, 'rsna', index),
    };
    await writeBytes(root, `stage_2_train_images/${id}.dcm`, await encodeDicomFilm(film, pixels, size, ids, index));
    onImage();
    return { id, film, boxes: boxes.filter((box) => box.finding === 'Pneumonia') };
  });
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const labels = rows.flatMap(({ id, boxes }) =>
    boxes.length === 0
      ? [`${id},,,,,0`]
      : boxes.map(({ x, y, width, height }) => `${id},${[x, y, width, height].map((v) => v.toFixed(1)).join(',')},1`),
  );
  const classes = rows.flatMap(({ id, film, boxes }) => {
    const name =
      boxes.length > 0 ? 'Lung Opacity' : film.findings.length === 0 ? 'Normal' : 'No Lung Opacity / Not Normal';
    return Array.from({ length: Math.max(1, boxes.length) }, () => `${id},${name}`);
  });
  await writeLines(root, 'stage_2_train_labels.csv', ['patientId,x,y,width,height,Target', ...labels]);
  await writeLines(root, 'stage_2_detailed_class_info.csv', ['patientId,class', ...classes]);
  return {
    report: {
      images: rows.length,
      patients: countPersons(films),
      findings: countFindings(films),
      boxes: rows.reduce((sum, row) => sum + row.boxes.length, 0),
      masks: 0,
    },
    map: rows.map(({ id, film }) => ({ dataset: 'rsna', image: id, person: film.person.number })),
  };
}

/** A random-looking version 4 UUID of (seed, index). */
function uuid(seed: number, index: number): string {
  const hex = [0, 1, 2, 3].map((k) => deriveSeed(seed, 'uuid', index, k).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
