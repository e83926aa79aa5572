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
    return `Modality ${shown(modality, /^[A-Z]{2,4}$/)}, SOP class ${shownClass(sopClassUid)}; CR or DX is wanted`;
  }
  if (sopClassUid !== undefined && !radiographClasses.has(sopClassUid)) return `SOP class ${shownClass(sopClassUid)}`;
  if (header.numberOfFrames > 1) return `${header.numberOfFrames} frames`;
  if (bodyPartExamined !== undefined && !bodyPartExamined.split(/[^A-Z]+/).some((word) => chestWords.has(word))) {
    return `BodyPartExamined is ${otherParts.has(bodyPartExamined) ? bodyPartExamined : 'another part'}`;
  }
  const view = header.viewPosition ?? patientPosition;
  if (view !== undefined && view === patientPosition && !chestViews.has(view) && !patientPositions.has(view)) {
    return `PatientPosition ${shown(view, /^[A-Z]{2,4}$/)} is neither a view nor a position`;
  }
  return header.rows === 0 || !header.hasPixelData ? 'no pixel data' : undefined;
}

/** Tags may hold anything, a name too: only what looks like a code gets into a message. */
function shown(value: string | undefined, code: RegExp): string {
  return value === undefined ? 'absent' : code.test(value) ? value : 'of no known form';
}

function shownClass(uid: string | undefined): string {
  return shown(uid, /^1\.2\.840\.10008\.[\d.]{1,48}$/);
}

/** Body parts that a message may name (PS3.16 annex L). */
const otherParts: ReadonlySet<string> = new Set(
  (
    'ABDOMEN ANKLE ARM BREAST CALF CSPINE CLAVICLE ELBOW EXTREMITY FEMUR FINGER FOOT FOREARM HAND HEAD HEART HIP HUMERUS JAW KNEE ' +
    'LEG LSPINE NECK PELVIS RIB RIBS RIBCAGE SHOULDER SKULL SPINE SSPINE STERNUM THIGH THUMB TOE TSPINE WRIST'
  ).split(' '),
);
