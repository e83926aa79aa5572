import { ImagingError } from '../errors.js';
import { chestViews, patientPositions, type DicomHeader } from './dicom-header.js';

/** Projection radiography (PS3.3 C.7.3.1.1.1); DR is an old name for DX in use. */
const radiographModalities: ReadonlySet<string> = new Set(['CR', 'DX', 'DR', 'RG']);

/** CR, DX for presentation and for processing, and Secondary Capture, as which public data sets are often re-saved. */
const radiographClasses: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.7',
]);

const chestWords: ReadonlySet<string> = new Set(['CHEST', 'THORAX', 'LUNG', 'LUNGS']);

/**
 * Lets single-frame chest radiographs pass and refuses everything else by its tags, saying why: modality, SOP class, frames,
 * body part (an absent or empty one passes), colour, a view that is none, no image.
 * @throws ImagingError DICOM_NOT_A_RADIOGRAPH
 */
export function assertChestRadiograph(header: DicomHeader): void {
  const reason = reasonAgainst(header);
  if (reason !== undefined) throw new ImagingError('DICOM_NOT_A_RADIOGRAPH', `not a chest radiograph: ${reason}`);
}

function reasonAgainst(header: DicomHeader): string | undefined {
  const { modality, sopClassUid, bodyPartExamined, patientPosition } = header;
  if (modality === undefined || !radiographModalities.has(modality)) {
    return `Modality ${shown(modality)}, SOP class ${shown(sopClassUid)}; CR or DX is wanted`;
  }
  if (sopClassUid !== undefined && !radiographClasses.has(sopClassUid)) return `SOP class ${shown(sopClassUid)}`;
  if (header.numberOfFrames > 1) return `${header.numberOfFrames} frames`;
  if (bodyPartExamined !== undefined && !bodyPartExamined.split(/[^A-Z]+/).some((word) => chestWords.has(word))) {
    return `BodyPartExamined ${shown(bodyPartExamined)}`;
  }
  const known = header.viewPosition !== undefined || patientPosition === undefined;
  if (!known && !patientPositions.has(patientPosition) && !chestViews.has(patientPosition)) {
    return `PatientPosition ${shown(patientPosition)} is neither a view nor a position`;
  }
  return header.rows === 0 || !header.hasPixelData ? 'no pixel data' : undefined;
}

/** Coded values only, cut short: a tag may hold anything. */
function shown(value: string | undefined): string {
  return value === undefined ? 'absent' : value.replace(/[^\w .-]/g, '?').slice(0, 64);
}
