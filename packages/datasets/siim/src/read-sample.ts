import { join } from 'node:path';
import { mapLimit, plausibleAge, type ProblemList, type Sample } from '@multichexnet/core';
import { assertChestRadiograph, ImagingError, readDicomHeader, type DicomHeader } from '@multichexnet/imaging';
import type { SiimImage } from './index-files.js';

/** Files open at a time while headers are read. */
const OPEN_FILES = 32;

/** Headers of the images, in their order; undefined, with a problem, for one that can't be read or is no chest radiograph. */
export async function readHeaders(
  root: string,
  paths: readonly string[],
  problems: ProblemList,
): Promise<(DicomHeader | undefined)[]> {
  return mapLimit(paths, OPEN_FILES, async (path) => {
    try {
      const header = await readDicomHeader(join(root, path));
      assertChestRadiograph(header);
      return header;
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      problems.add(error.code, path, undefined, error.reason);
      return undefined;
    }
  });
}

/** The sample of a usable image: whether there is a pneumothorax, and where. */
export function toSample(image: SiimImage, path: string, key: string, header: DicomHeader): Sample {
  const { patientSex: sex, viewPosition: view } = header;
  const ageYears = plausibleAge(header.ageYears);
  return {
    dataset: 'siim',
    id: image.id,
    image: path,
    patient: {
      key,
      ...(sex === 'F' || sex === 'M' ? { sex } : {}),
      ...(ageYears === undefined ? {} : { ageYears }),
    },
    ...(view === undefined ? {} : { view }),
    labels: {
      findings: { Pneumothorax: image.rle.length > 0 },
      mask: { width: header.columns, height: header.rows, rle: image.rle.map(({ text }) => text) },
    },
  };
}
