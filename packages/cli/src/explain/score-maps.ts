import {
  prepareImage,
  resizeHeatMap,
  type GradCam,
  type HeatMap,
  type LabelledBox,
  type Logger,
  type Preprocessing,
  type SplitSample,
} from '@multichexnet/core';
import { bootstrapIntervals, camBox, camBoxIou, pointingGame, type BootstrapInterval } from '@multichexnet/metrics';

/** One finding of one image with its boxes. */
export interface LocalisedFinding {
  readonly sample: SplitSample;
  readonly finding: string;
  /** Pixels of the original image. */
  readonly boxes: readonly LabelledBox[];
}

export interface ScoredMap extends LocalisedFinding {
  readonly map: HeatMap;
  readonly hit: boolean;
  /** 0..1. */
  readonly iou: number;
  /** The box that the map draws, pixels of the original image; absent for a map of zeros. */
  readonly found?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

export interface ScoreOptions {
  readonly cam: GradCam;
  readonly preprocessing: Preprocessing;
  /** Pixels of the original image around a box that count as hit. */
  readonly tolerance: number;
  /** Share of the maximum from which on pixels are in the map's box. */
  readonly share: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Grad-CAM of every finding where its boxes are known. @throws ImagingError for a file that cannot be read */
export async function scoreMaps(
  items: readonly LocalisedFinding[],
  { cam, preprocessing, tolerance, share, logger, signal }: ScoreOptions,
): Promise<ScoredMap[]> {
  const scored: ScoredMap[] = [];
  for (const item of items) {
    if (signal.aborted) break;
    const image = await prepareImage(item.sample, preprocessing);
    const [map] = (await cam.run([{ image, target: item.finding }])) as [HeatMap];
    const full = resizeHeatMap(map, image.width, image.height);
    const truth = item.boxes.flatMap(({ x, y, width, height }) => [x, y, width, height]);
    const found = camBox(full, share);
    scored.push({
      ...item,
      map,
      hit: pointingGame(full, truth, tolerance),
      iou: camBoxIou(full, truth, share),
      ...(found === undefined ? {} : { found }),
    });
    logger.progress({ name: 'maps', done: scored.length, total: items.length });
  }
  return scored;
}

/** Of one finding, or of all together. */
export interface FindingScore {
  readonly finding: string;
  readonly images: number;
  /** Share of maps whose maximum lies in a box. */
  readonly pointing: BootstrapInterval;
  /** Mean IoU of the maps' boxes. */
  readonly iou: BootstrapInterval;
}

/** Means with percentile intervals over patients: of each finding, then of `all`. */
export function summarise(
  maps: readonly ScoredMap[],
  { seed, resamples }: { readonly seed: number; readonly resamples: number },
): FindingScore[] {
  const findings = [...new Set(maps.map(({ finding }) => finding))].sort();
  const groups = [...findings.map((finding) => [finding, maps.filter((map) => map.finding === finding)] as const)];
  return [...groups, ['all', maps] as const].map(([finding, own]) => {
    const [pointing, iou] = bootstrapIntervals({
      clusters: own.map(({ sample }) => sample.patient.key),
      seed,
      resamples,
      statistics: (multiplicity) => [
        mean(
          own.map(({ hit }) => (hit ? 1 : 0)),
          multiplicity,
        ),
        mean(
          own.map((map) => map.iou),
          multiplicity,
        ),
      ],
    }) as [BootstrapInterval, BootstrapInterval];
    return { finding, images: new Set(own.map(({ sample }) => sample.id)).size, pointing, iou };
  });
}

function mean(values: readonly number[], multiplicity: Uint16Array): number | undefined {
  let [sum, count] = [0, 0];
  values.forEach((value, i) => {
    sum += value * multiplicity[i]!;
    count += multiplicity[i]!;
  });
  return count === 0 ? undefined : sum / count;
}
