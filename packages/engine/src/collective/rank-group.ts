import type { RankGroup } from '@multichexnet/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { tf } from '../backend/tfjs.js';
import { areLoopback, listenOnLoopbackOnly } from './loopback-only.js';
import { taskOf, type ClusterOptions } from './server-def.js';

/** Core's port to the other processes, on TensorFlow's collective runtime. */
export function createRankGroup(backend: TensorFlowBackend, { rank, addresses }: ClusterOptions): RankGroup {
  const port = Number(addresses[rank]?.split(':').at(-1));
  const exposed = !(areLoopback(addresses) && listenOnLoopbackOnly(port));
  return {
    rank,
    size: addresses.length,
    exposed,
    sum: (x) => tf.engine().runKernel<Tensor>('CollectiveSum', { x }),
    gather: (x) => tf.engine().runKernel<Tensor>('CollectiveGather', { x }),
    check: (other, timeoutMs) => backend.runtime.checkPeer(taskOf(other), timeoutMs),
    abort: (message) => {
      if (!backend.runtime.disposed) backend.runtime.abortCollectives(message);
    },
  };
}
