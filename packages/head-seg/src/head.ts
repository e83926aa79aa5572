import {
  batchNorm,
  concatenate,
  conv2d,
  convTranspose2d,
  dropout,
  relu,
  type FeaturePyramid,
} from '@multichexnet/core';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { SegError } from './errors.js';
import type { SegOptions } from './options.js';

export const DECISION_LAYER = 'decision';

/**
 * CheXSeg, eq. 6: the up path of a fully convolutional DenseNet (Jegou et al. 2017) over the encoder's skips. Each step: transposed convolution to the next
 * finer level, concatenated with it, then a dense block whose new features alone go on; the last ones to full resolution have no skip. Outputs are logits
 * [b, size, size, 1]; the sigmoid is in {@link ./decode.js} and, fused and stable, in the loss.
 *
 * @throws {SegError} SEG_LEVELS when strides are not whole multiples of each other
 */
export function buildHead({ levels, deepest }: FeaturePyramid, chosen: SegOptions): SymbolicTensor[] {
  const { growth, layers } = chosen;
  const width = growth * layers;
  let x = deepest; // [b, size / stride, size / stride, c]
  let { stride } = levels.at(-1)!;
  for (const skip of levels.slice(0, -1).reverse()) {
    if (skip.stride < (chosen.finest ?? 1)) break;
    const up = convTranspose2d({
      name: `up_${skip.stride}`,
      filters: width,
      kernelSize: 3,
      strides: ratio(stride, skip.stride),
      useBias: false, // batch norm follows
    })(x);
    x = denseBlock(concatenate([up, skip.tensor], `skip_${skip.stride}`), `block_${skip.stride}`, chosen); // [b, .., .., width]
    stride = skip.stride;
  }
  for (let filters = Math.ceil(width / 2); stride > 1; filters = Math.ceil(filters / 2)) {
    const step = stride % 2 === 0 ? 2 : stride;
    stride /= step;
    x = convTranspose2d({ name: `up_${stride}`, filters, kernelSize: step + 1, strides: step, activation: 'relu' })(x);
  }
  return [conv2d({ name: DECISION_LAYER, filters: 1, kernelSize: 1, initializer: 'glorotUniform' })(x)]; // [b, size, size, 1]
}

/** [b, h, w, c] -> the block's new features, [b, h, w, layers * growth]. */
function denseBlock(
  input: SymbolicTensor,
  name: string,
  { growth, layers, dropout: rate, batchNormMomentum }: SegOptions,
): SymbolicTensor {
  let x = input;
  const added: SymbolicTensor[] = [];
  for (let layer = 1; layer <= layers; layer++) {
    const normal = relu(`${name}_${layer}_relu`)(
      batchNorm({ name: `${name}_${layer}_bn`, momentum: batchNormMomentum })(x),
    );
    const fresh = dropout(
      rate,
      `${name}_${layer}_dropout`,
    )(conv2d({ name: `${name}_${layer}_conv`, filters: growth, kernelSize: 3 })(normal));
    added.push(fresh);
    if (layer < layers) x = concatenate([x, fresh], `${name}_${layer}_concat`); // [b, h, w, c + layer * growth]
  }
  return added.length === 1 ? added[0]! : concatenate(added, `${name}_concat`);
}

function ratio(coarse: number, fine: number): number {
  if (coarse > fine && coarse % fine === 0) return coarse / fine;
  throw new SegError(
    'SEG_LEVELS',
    `head "seg" goes up level by level, but the encoder's strides ${coarse} and ${fine} are no whole multiple of each other; choose an encoder whose levels halve`,
  );
}
