import { toProblem } from '../output/format-error.js';
import { quietLibrary } from '../start-engine.js';
import type { Check } from './check.js';

/** Loads TensorFlow and lets it multiply two matrices. */
export async function checkEngine(device: 'cpu' | 'gpu' = 'cpu'): Promise<Check> {
  try {
    quietLibrary();
    const [{ createEngine }, tf] = await Promise.all([import('@multichexnet/engine'), import('@tensorflow/tfjs')]);
    const engine = await createEngine({ device });
    try {
      const { name, version } = engine.info;
      const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
      const values = [...(await product.data())].join(' ');
      product.dispose();
      const ok = values === '19 22 43 50';
      return {
        name: 'engine',
        ok,
        detail: ok
          ? `${name} ${version} (${device}) multiplies`
          : `${name} ${version}: a 2 x 2 product came out as ${values}`,
        remedy: 'remove the library from the cache and run: multichexnet setup',
      };
    } finally {
      engine.dispose();
    }
  } catch (error) {
    const { code, message } = toProblem(error);
    // The message about a missing GPU says itself what to look at.
    const remedy = code === 'ENGINE_NO_GPU' ? {} : { remedy: 'multichexnet setup' };
    return { name: 'engine', ok: false, detail: `${code}: ${message}`, ...remedy };
  }
}
