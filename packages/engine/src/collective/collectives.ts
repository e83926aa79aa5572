import { createHash } from 'node:crypto';
import type { TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { EngineError } from '../errors.js';
import { kernel, typeOf } from '../kernels/kernel.js';
import { attr, type OpAttribute } from '../native/attributes.js';

/** All ranks are one group. */
const GROUP_KEY = 1;

/** `CollectiveSum`: x -> elementwise sum over the ranks, of the same shape, by TensorFlow's ring all-reduce: 2 (ranks - 1) messages, one after the other, of a part each. */
const collectiveSum = kernel<'x'>('CollectiveSum', (backend, { x }) =>
  backend.executeSingleOutput(
    'CollectiveReduce',
    [
      ...shared(backend, x),
      attr.string('merge_op', 'Add'),
      attr.string('final_op', 'Id'),
      attr.int('subdiv_offsets', [0]),
      attr.int('wait_for', []),
    ],
    [x],
  ),
);

/** `CollectiveGather`: x [n, ...] -> [ranks * n, ...], every rank's in the same order on all of them: half as many messages, of the whole each. For what is small. */
const collectiveGather = kernel<'x'>('CollectiveGather', (backend, { x }) =>
  backend.executeSingleOutput('CollectiveGather', [...shared(backend, x), attr.shape('shape', [0])], [x]),
);

/**
 * Only in a traced step: there collectives keep their program order, which must be the same on every rank, or they would wait for each other for ever.
 *
 * @throws {EngineError} COLLECTIVE_OUTSIDE_STEP
 */
function shared(backend: TensorFlowBackend, x: TensorInfo): OpAttribute[] {
  const { trace, ranks } = backend;
  if (ranks === undefined || trace === undefined)
    throw new EngineError(
      'COLLECTIVE_OUTSIDE_STEP',
      'Ranks talk to each other outside of a traced step, or in a process that has no other ranks.',
    );
  return [
    typeOf(backend, x),
    attr.int('group_size', ranks),
    attr.int('group_key', GROUP_KEY),
    attr.int('instance_key', instanceKey(trace.collectiveName())),
    attr.string('communication_hint', 'ring'),
    attr.float('timeout_seconds', 0),
  ];
}

/** 31 bits of the name's hash: the same on every rank, whatever it has compiled before. */
function instanceKey(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE(0) % 2 ** 31;
}

export const collectiveKernels = [collectiveSum, collectiveGather];
