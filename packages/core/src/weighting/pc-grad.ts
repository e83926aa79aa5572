import { createRandom } from '@multichexnet/imaging';
import * as tf from '@tensorflow/tfjs';
import type { Weighting } from './weighting.js';

/**
 * Projecting conflicting gradients (Yu et al. 2020, algorithm 1): from each task's gradient its part against another's is taken, one other task after the
 * other in an order drawn from (seed, step). What is left is a sum of the tasks' gradients, so that inner products suffice.
 */
export function pcGrad(): Weighting {
  return {
    host: ({ tasks, seed, step }) =>
      tasks.flatMap((_, own) => {
        const others = tasks.map((__, i) => i).filter((i) => i !== own);
        const random = createRandom(seed, 'pcgrad', step, own);
        for (let i = others.length - 1; i > 0; i--) {
          const j = random.int(i + 1);
          [others[i], others[j]] = [others[j] as number, others[i] as number];
        }
        return others;
      }),
    total: (losses) => tf.addN([...losses]).asScalar(),
    combine: ({ losses, gram }, { host }) => {
      const count = losses.length;
      const rows = losses.map((_, own): tf.Tensor => {
        let share: tf.Tensor = tf.oneHot(tf.scalar(own, 'int32'), count, 1, 0, 'float32'); // [T]
        for (let i = 0; i < count - 1; i++) {
          const at = own * (count - 1) + i;
          const other = tf.oneHot(tf.cast(tf.slice1d(host, at, 1), 'int32'), count, 1, 0, 'float32').reshape([count]);
          const products = tf.sum(tf.mul(gram, other), 1); // [T]: with the other's gradient
          const against = tf.minimum(0, tf.sum(tf.mul(share, products)));
          const square = tf.sum(tf.mul(other, products));
          // Nothing is against a gradient of zero.
          share = tf.sub(share, tf.mul(other, tf.divNoNan(against, square)));
        }
        return share;
      });
      return { shares: tf.addN(rows) as tf.Tensor1D };
    },
  };
}
