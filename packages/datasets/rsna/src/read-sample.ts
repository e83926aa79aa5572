import { join } from 'node:path';
import { countBy, mapLimit, plausibleAge, type ProblemList, type Sample } from '@multichexnet/core';
import { assertChestRadiograph, ImagingError, readDicomHeader, type DicomHeader } from '@multichexnet/imaging';
import { checkBounds, publishedSize, type RsnaImage } from './index-files.js';

/** Files open at a time while headers are read. */
const OPEN_FILES = 32;

interface Request {
  readonly folder: string;
  readonly imageFolder: string;
  readonly images: readonly RsnaImage[];
  readonly keys: ReadonlyMap<string, string>;
  /** Detailed class of an image. */
  readonly classOf: ReadonlyMap<string, string>;
  readonly headers: boolean;
  /** Name of the label table, for problems with boxes. */
  readonly labels: string;
  readonly problems: ProblemList;
}

/** Usable samples in table order, and the views of all images; of the files, the headers are read at most. */
export async function readSamples(
  request: Request,
): Promise<{ readonly samples: Sample[]; readonly views: Record<string, number> }> {
  const { folder, imageFolder, images, keys, classOf, problems } = request;
  const views: (string | undefined)[] = [];
  const samples = await mapLimit(images, OPEN_FILES, async (image): Promise<Sample | undefined> => {
    const name = `${imageFolder}/${image.id}.dcm`;
    const path = join(folder, name);
    let header: DicomHeader | undefined;
    if (request.headers) {
      try {
        header = await readDicomHeader(path);
        views.push(header.viewPosition);
        assertChestRadiograph(header);
      } catch (error) {
        if (!(error instanceof ImagingError)) throw error;
        problems.add(error.code, name, undefined, error.reason);
        return undefined;
      }
    }
    checkBounds(image, header?.columns ?? publishedSize, header?.rows ?? publishedSize, request.labels, problems);
    if (!image.usable || image.target === undefined) return undefined;
    return toSample(image, path, keys.get(image.id) ?? `rsna:${image.id}`, classOf.get(image.id), header);
  });
  return {
    samples: samples.filter((sample) => sample !== undefined),
    views: countBy(views, (view) => view),
  };
}

function toSample(
  image: RsnaImage,
  path: string,
  key: string,
  detailedClass: string | undefined,
  header: DicomHeader | undefined,
): Sample {
  const sex = header?.patientSex;
  const ageYears = plausibleAge(header?.ageYears);
  const view = header?.viewPosition;
  return {
    dataset: 'rsna',
    id: image.id,
    image: path,
    patient: {
      key,
      ...(sex === 'F' || sex === 'M' ? { sex } : {}),
      ...(ageYears === undefined ? {} : { ageYears }),
    },
    ...(view === undefined ? {} : { view }),
    ...(detailedClass === undefined ? {} : { attributes: { class: detailedClass } }),
    labels: {
      findings: { Pneumonia: image.target === true },
      boxes: image.boxes.map(({ x, y, width, height }) => ({ x, y, width, height, finding: 'Pneumonia' })),
    },
  };
}
