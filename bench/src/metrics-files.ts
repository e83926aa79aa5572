import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { noise } from './workload.js';

export const IMAGES = 112_120;
export const PATIENTS = 30_805;
/** Share of positives of each finding of ChestX-ray14. */
export const PREVALENCES = [
  0.103, 0.025, 0.119, 0.177, 0.052, 0.056, 0.013, 0.047, 0.042, 0.021, 0.022, 0.015, 0.03, 0.002,
];
export const COCO_IMAGES = 5000;
export const COCO_CLASSES = 80;
const TRUTHS = 36_781; // boxes of COCO's validation part of 2017
const PREDICTIONS = 250_000;

/** A row of a box table: image, class, x, y, width, height, confidence (0 for true boxes). */
export const BOX_COLUMNS = 7;

/** Folder with the scores and boxes that all contenders read; made on first use. */
export function metricsFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'multichexnet', 'bench-metrics-1');
  if (existsSync(folder)) return folder;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const save = (name: string, data: Float32Array | Int32Array | Uint8Array): void =>
    writeFileSync(join(part, name), data);
  const patients = Int32Array.from(noise(IMAGES, 3), (u, i) => (i < PATIENTS ? i : Math.floor(u * PATIENTS)));
  const classes = PREVALENCES.length;
  const chance = noise(IMAGES * classes, 4);
  const labels = Uint8Array.from(chance, (u, at) => (u < PREVALENCES[at % classes]! ? 1 : 0)); // [images, classes]
  const scores = noise(IMAGES * classes, 5).map((u, at) => (u + 0.4 * labels[at]!) / 1.4);
  save('patients.i32', patients);
  save('labels.u8', labels);
  save('scores.f32', scores);
  const [truth, predicted] = boxTables();
  save('truth.f32', truth);
  save('predicted.f32', predicted);
  renameSync(part, folder);
  return folder;
}

/** True boxes of all sizes, and predictions of which every second lies near a true box. */
function boxTables(): [truth: Float32Array, predicted: Float32Array] {
  const random = noise(16 * PREDICTIONS, 6);
  let at = 0;
  const uniform = (): number => random[at++ % random.length]!;
  const anywhere = (): number[] => {
    const [width, height] = [8 * 40 ** uniform(), 8 * 40 ** uniform()];
    return [uniform() * (640 - width), uniform() * (480 - Math.min(height, 480)), width, height];
  };
  const truth: number[][] = Array.from({ length: TRUTHS }, () => [
    Math.floor(uniform() * COCO_IMAGES),
    Math.floor(uniform() * COCO_CLASSES),
    ...anywhere(),
    0,
  ]);
  const predicted = Array.from({ length: PREDICTIONS }, (_, i): number[] => {
    if (i % 2 === 1) {
      const [image, label] = [Math.floor(uniform() * COCO_IMAGES), Math.floor(uniform() * COCO_CLASSES)];
      return [image, label, ...anywhere(), 0.8 * uniform()];
    }
    const [image, label, x, y, width, height] = truth[(i / 2) % TRUTHS] as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const near = (side: number): number => side * 0.3 * (uniform() - 0.5);
    return [
      image,
      label,
      x + near(width),
      y + near(height),
      width * (0.8 + 0.4 * uniform()),
      height * (0.8 + 0.4 * uniform()),
      uniform(),
    ];
  });
  return [Float32Array.from(truth.flat()), Float32Array.from(predicted.flat())];
}
