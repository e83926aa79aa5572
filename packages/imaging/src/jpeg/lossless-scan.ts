import type { EntropyReader } from './entropy-reader.js';
import { corrupt } from './jpeg-segments.js';
import type { Scan } from './scan.js';

/**
 * A lossless scan (T.81 H.2), components interleaved pixel by pixel: each sample is its prediction plus a difference, modulo 2^16.
 * @throws ImagingError IMAGE_CORRUPT
 */
export function losslessScan(scan: Scan, reader: EntropyReader): void {
  const { frame, components, restartInterval, selection, pointTransform, samples } = scan;
  const { width, height, precision } = frame;
  const step = frame.components;
  const stride = width * step;
  if (selection < 1 || selection > 7) throw corrupt(`predictor ${selection}`);
  if (pointTransform >= precision) throw corrupt(`point transform ${pointTransform} of ${precision} bits`);
  // T.81 H.1.1: the prediction of a line goes on from the line above, so restarts can only stand between lines.
  if (restartInterval % width !== 0) throw corrupt('a restart interval of a lossless scan that is not whole lines');
  const linesBetween = restartInterval / width;
  const first = 2 ** (precision - pointTransform - 1);
  for (let y = 0; y < height; y++) {
    const fresh = linesBetween > 0 && y % linesBetween === 0;
    if (fresh && y > 0) reader.restart(y / linesBetween - 1);
    // Nothing above to predict from: the first sample from the middle of the range, the others from the left.
    const alone = fresh || y === 0;
    for (const { index } of components)
      samples[y * stride + index] = alone ? first : samples[(y - 1) * stride + index]!;
    line(scan, reader, y * stride, alone ? 1 : selection);
  }
  if (pointTransform > 0) {
    for (const { index } of components)
      for (let at = index; at < samples.length; at += step) samples[at] = samples[at]! << pointTransform;
  }
}

/** One line; the prediction of its first samples stands in their places. */
function line({ frame, components, samples }: Scan, reader: EntropyReader, start: number, selection: number): void {
  const step = frame.components;
  const stride = frame.width * step;
  for (let at = start; at < start + stride; at += step) {
    for (let c = 0; c < components.length; c++) {
      const { index, dc } = components[c]!;
      if (dc === undefined) throw corrupt('a scan lacks its table');
      const i = at + index;
      let predicted: number;
      if (at === start) predicted = samples[i]!;
      else if (selection === 1) predicted = samples[i - step]!;
      else predicted = predict(selection, samples[i - step]!, samples[i - stride]!, samples[i - stride - step]!);
      samples[i] = predicted + reader.difference(dc);
    }
  }
}

/** T.81 table H.1: a the sample to the left, b the one above, c the one above to the left. */
function predict(selection: number, a: number, b: number, c: number): number {
  switch (selection) {
    case 1:
      return a;
    case 2:
      return b;
    case 3:
      return c;
    case 4:
      return a + b - c;
    case 5:
      return a + ((b - c) >> 1);
    case 6:
      return b + ((a - c) >> 1);
    default:
      return (a + b) >> 1;
  }
}
