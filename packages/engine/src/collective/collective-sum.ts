import { createHash } from 'node:crypto';
import { EngineError } from '../errors.js';
import { kernel, typeOf } from '../kernels/kernel.js';
import { attr } from '../native/attributes.js';

/** All ranks are one group. */
const GROUP_KEY = 1;

/**
 * `CollectiveSum`: x -> elementwise sum over the ranks, of the same shape, by TensorFlow's ring all-reduce. Only in a traced step: there collectives keep
 * their program order, which must be the same on every rank, or they would wait for each other for ever.
 */
const collectiveSum = kernel<'x'>('CollectiveSum', (backend, { x }) => {
  const { trace, ranks } = backend;
  if (ranks === undefined || trace === undefined)
    throw new EngineError(
      'COLLECTIVE_OUTSIDE_STEP',
      'A sum over ranks is taken outside of a traced step, or in a process that has no other ranks.',
    );
  const attributes = [
    typeOf(backend, x),
    attr.int('group_size', ranks),
    attr.int('group_key', GROUP_KEY),
    attr.int('instance_key', instanceKey(trace.collectiveName())),
    attr.string('merge_op', 'Add'),
    attr.string('final_op', 'Id'),
    attr.int('subdiv_offsets', [0]),
    attr.int('wait_for', []),
    attr.string('communication_hint', 'ring'),
    attr.float('timeout_seconds', 0),
  ];
  return backend.executeSingleOutput('CollectiveReduce', attributes, [x]);
});

/** 31 bits of the name's hash: the same on every rank, whatever it has compiled before. */
function instanceKey(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE(0) % 2 ** 31;
}

export const collectiveKernels = [collectiveSum];
