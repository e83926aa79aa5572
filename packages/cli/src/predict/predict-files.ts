import { mapLimit, prepareImage, writeFileAtomic, type Logger } from '@multichexnet/core';
import { decodeRle, encodePngMask, ImagingError, readGreyImage } from '@multichexnet/imaging';
import { basename, join, resolve } from 'node:path';
import { toProblem } from '../output/format-error.js';
import { fileWord, type CamOverlay, type CamOverlays } from './cam-overlays.js';
import type { GateDecision, Predictor } from './load-predictor.js';

export interface Finding {
  readonly name: string;
  /** 0..1, not calibrated. */
  readonly probability: number;
}

/** Pixels of the original image. */
export interface FoundBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly score: number;
}

export interface FoundMask {
  readonly width: number;
  readonly height: number;
  /** Relative, 0-based, column-major (SIIM-ACR); `-1` = empty. */
  readonly rle: string;
  /** Where the mask was written: 0 and 255. */
  readonly png?: string;
}

/** What is said of one file: a prediction, or an error that is its own. */
export interface FilePrediction {
  readonly file: string;
  readonly width?: number;
  readonly height?: number;
  readonly findings?: readonly Finding[];
  readonly boxes?: readonly FoundBox[];
  readonly mask?: FoundMask;
  /** Every head's prediction as it decoded it. */
  readonly predictions?: Readonly<Record<string, unknown>>;
  /** What the gate of each gated head decided. */
  readonly gates?: readonly GateDecision[];
  /** Heat maps that were asked for. */
  readonly cams?: readonly CamOverlay[];
  readonly warnings?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

export interface PredictRequest {
  readonly predictor: Predictor;
  readonly files: readonly string[];
  /** Folder for masks and heat maps. */
  readonly out?: string;
  /** Heat maps wanted; they need `out`. */
  readonly cams?: CamOverlays;
  /** Files under way at a time. */
  readonly lanes: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** File by file; one that cannot be read, or is no chest radiograph by its tags, costs only itself. */
export async function predictFiles({
  predictor,
  files,
  out,
  cams,
  lanes,
  logger,
  signal,
}: PredictRequest): Promise<FilePrediction[]> {
  const names = new Set<string>();
  const places = files.map((file): Places => {
    if (out === undefined) return {};
    const base = join(out, freeName(file, names));
    const mask = `${base}.mask.png`;
    if (cams === undefined) return { mask };
    return { mask, cams: { overlays: cams, png: (finding) => `${base}.${fileWord(finding)}.cam.png` } };
  });
  let done = 0;
  const results = await mapLimit(files, lanes, async (file, i) => {
    if (signal.aborted) return undefined;
    const result = await predictOne(predictor, file, places[i]);
    logger.progress({ name: 'files', done: ++done, total: files.length });
    return result;
  });
  return results.filter((result) => result !== undefined);
}

/** Where what is drawn goes; nothing is drawn by default. */
export interface Places {
  readonly mask?: string;
  readonly cams?: { readonly overlays: CamOverlays; readonly png: (finding: string) => string };
}

export async function predictOne(predictor: Predictor, file: string, places: Places = {}): Promise<FilePrediction> {
  try {
    return await predictFile(predictor, file, places);
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    const { code, message } = toProblem(error);
    return { file, error: { code, message } };
  }
}

async function predictFile(predictor: Predictor, file: string, places: Places): Promise<FilePrediction> {
  const { constant } = await readGreyImage(file, { chestRadiographOnly: true });
  // The same reading and resizing as in training.
  const image = await prepareImage(
    {
      id: file,
      dataset: 'file',
      image: resolve(file),
      patient: { key: file },
      labels: { findings: {} },
      split: 'test',
    },
    predictor.preprocessing,
  );
  const { predictions, gates } = await predictor.predict(image);
  const parts = Object.values(predictions).filter((value) => typeof value === 'object' && value !== null) as Parts[];
  const mask = parts.find((part) => part.mask !== undefined)?.mask;
  const png = places.mask;
  if (mask !== undefined && png !== undefined) await writeMask(mask, png);
  const cams = await places.cams?.overlays.draw(file, image, places.cams.png);
  return {
    file,
    width: image.width,
    height: image.height,
    findings: parts.flatMap(({ findings }) => findings ?? []),
    boxes: parts.flatMap(({ boxes }) => boxes ?? []),
    ...(mask === undefined ? {} : { mask: { ...mask, ...(png === undefined ? {} : { png }) } }),
    predictions,
    gates,
    ...(cams === undefined ? {} : { cams }),
    ...(constant ? { warnings: ['IMAGE_CONSTANT: every pixel has the same value; there is nothing to see'] } : {}),
  };
}

/** What predictions of the known heads hold. */
interface Parts {
  readonly findings?: readonly Finding[];
  readonly boxes?: readonly FoundBox[];
  readonly mask?: Omit<FoundMask, 'png'>;
}

async function writeMask({ width, height, rle }: Omit<FoundMask, 'png'>, png: string): Promise<void> {
  const mask = decodeRle([rle], { width, height, relative: true, order: 'column' });
  await writeFileAtomic(png, await encodePngMask(mask, width, height));
}

/** `chest` of `chest.dcm`; the name of the file alone, so that no path of an input reaches outside of the folder. */
function freeName(file: string, taken: Set<string>): string {
  const base = basename(file).replace(/\.[^.]*$/, '') || 'file';
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  taken.add(name);
  return name;
}
