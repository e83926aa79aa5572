import type { Tensor } from '@tensorflow/tfjs';
import { BOX_VALUES } from './grid.js';

/** Logit of the surest box of each image, [b, 1], from raw outputs [b, rows, columns, K, 5]: what an explanation asks of this head. */
export function bestScore(raw: Tensor): Tensor {
  const [b = 1, rows = 1, columns = 1, anchors = 1] = raw.shape;
  const logits = raw.slice([0, 0, 0, 0, BOX_VALUES], [b, rows, columns, anchors, 1]);
  return logits.reshape([b, rows * columns * anchors]).max(1, true);
}
