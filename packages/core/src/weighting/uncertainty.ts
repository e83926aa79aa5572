import * as tf from '@tensorflow/tfjs';
import type { Weighting } from './weighting.js';

/**
 * Homoscedastic uncertainty (Kendall et al. 2018, eq. 7 and section 3.3): `sum L / (2 exp(s)) + s / 2` with a log variance `s` of each task, which the
 * optimizer moves from -0.5 on, as LibMTL's UW.
 */
export function uncertainty(): Weighting {
  return {
    start: -0.5,
    total: (losses, { numbers }) =>
      tf
        .addN(
          losses.map((loss, i) => {
            const s = numbers[i] as tf.Scalar;
            return tf.add(tf.div(loss, tf.mul(2, tf.exp(s))), tf.div(s, 2));
          }),
        )
        .asScalar(),
  };
}
