import type { Scan } from './decode-jpeg-scans.js';
import type { EntropyReader } from './entropy-reader.js';
import { corrupt } from './jpeg-segments.js';

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
    const alone = fresh || y === 0; // nothing above to predict from
    for (let x = 0; x < width; x++) {
      for (const { index, dc } of components) {
        if (dc === undefined) throw corrupt('a scan lacks its table');
        const at = y * stride + x * step + index;
        let predicted: number;
        if (alone) predicted = x === 0 ? first : samples[at - step]!;
        else if (x === 0) predicted = samples[at - stride]!;
        else predicted = predict(selection, samples[at - step]!, samples[at - stride]!, samples[at - stride - step]!);
        const bits = reader.symbol(dc);
        if (bits > 16) throw corrupt('a difference of more than 16 bits');
        samples[at] = predicted + (bits === 16 ? 32_768 : reader.signed(bits));
      }
    }
  }
  if (pointTransform > 0) {
    for (const { index } of components)
      for (let at = index; at < samples.length; at += step) samples[at] = samples[at]! << pointTransform;
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
