import { writeDicom } from '@multichexnet/imaging';
import type { PlannedFilm } from './plan-cohort.js';

export interface DicomIds {
  readonly patientId: string;
  readonly study: string;
  readonly series: string;
  readonly sop: string;
}

/** Every so many files is MONOCHROME1 (stored inverted), every so many uncompressed instead of JPEG Baseline. */
const MONOCHROME1_EVERY = 19;
const UNCOMPRESSED_EVERY = 5;

/** A film as RSNA and SIIM store it: 8 bits, JPEG Baseline mostly, PatientAge as "51", the view in ViewPosition. */
export async function encodeDicomFilm(
  film: PlannedFilm,
  pixels: Uint8Array,
  size: number,
  ids: DicomIds,
  index: number,
): Promise<Uint8Array> {
  const inverted = index % MONOCHROME1_EVERY === MONOCHROME1_EVERY - 1;
  return writeDicom({
    sopInstanceUid: ids.sop,
    studyInstanceUid: ids.study,
    seriesInstanceUid: ids.series,
    patientId: ids.patientId,
    patientName: ids.patientId,
    patientSex: film.person.sex,
    patientAge: String(film.ageYears),
    modality: 'CR',
    viewPosition: film.view,
    seriesDescription: `view: ${film.view}`,
    photometricInterpretation: inverted ? 'MONOCHROME1' : 'MONOCHROME2',
    // The film is 35 cm wide, whatever the number of pixels.
    pixelSpacing: [350 / size, 350 / size],
    width: size,
    height: size,
    pixels: inverted ? pixels.map((value) => 255 - value) : pixels,
    encoding: index % UNCOMPRESSED_EVERY === 0 ? 'explicit' : { jpegQuality: 95 },
  });
}
