import type * as tf from '@tensorflow/tfjs';
import { MultichexnetError } from '../errors.js';
import { suggestion } from '../plugin/nearest.js';
import type { Explanation } from '../plugin/head-plugin.js';
import type { HeadModule } from '../model/network.js';

const DEFAULT: Explanation = {
  targets: ['output'],
  scores: ([first]) => first.reshape([first.shape[0], -1]).mean(1, true), // [b, 1]
};

/** What a head says that it can be asked, else the mean of its first output under the name `output`. */
export function explanationOf({ head }: Pick<HeadModule, 'head'>): Explanation {
  return head.explain ?? DEFAULT;
}

/** Place of a target among those of a head. @throws MultichexnetError EXPLAIN_TARGET_UNKNOWN */
export function targetPlace(name: string, { targets }: Pick<Explanation, 'targets'>, target: string): number {
  const place = targets.indexOf(target);
  if (place >= 0) return place;
  throw new MultichexnetError(
    'EXPLAIN_TARGET_UNKNOWN',
    `head "${name}" has no "${target}" to explain; ${suggestion(target, targets)}`,
  );
}

/** Which of an encoder's levels a head reads, by place: those on which its outputs depend. */
export function levelsRead(head: Pick<HeadModule, 'layers'>): number[] {
  const seen = new Set<tf.SymbolicTensor>();
  const queue = [...head.layers.outputs];
  for (let tensor = queue.pop(); tensor !== undefined; tensor = queue.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    queue.push(...tensor.inputs);
  }
  const levels = head.layers.inputs.slice(0, -1); // the image comes last
  return levels.flatMap((level, i) => (seen.has(level) ? [i] : []));
}
