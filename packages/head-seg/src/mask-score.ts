import type { Tensor } from '@tensorflow/tfjs';

/** Sum of the probabilities above 0.5, [b, 1], from logits [b, size, size, 1]: what an explanation asks of this head; 0 where no pixel is likely. */
export function maskScore(logits: Tensor): Tensor {
  // `step` is 1 above a logit of 0, and its gradient is 0: a pixel's place on one side or the other is not what is asked.
  const likely = logits.sigmoid().mul(logits.step());
  return likely.reshape([logits.shape[0], -1]).sum(1, true);
}
