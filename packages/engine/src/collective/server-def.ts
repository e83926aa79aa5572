import { EngineError } from '../errors.js';
import { protoField, protoMessage } from '../native/proto-writer.js';

/** The processes that train together. */
export interface ClusterOptions {
  /** Which of them this one is, from 0. */
  readonly rank: number;
  /** `host:port` of each, by rank: where its server listens. */
  readonly addresses: readonly string[];
}

export const JOB = 'worker';

/** The name by which TensorFlow knows a rank. */
export const taskOf = (rank: number): string => `/job:${JOB}/replica:0/task:${rank}`;

/**
 * An encoded `tensorflow.ServerDef` (`tensorflow/core/protobuf/tensorflow_server.proto`): cluster = 1 { job = 1 { name = 1, tasks = 2 } }, job_name = 2,
 * task_index = 3, default_session_config = 4, protocol = 5. Rank 0 leads: the others ask it who takes part in a collective (`experimental` = 16 of the
 * config, collective_group_leader = 1).
 *
 * @param config an encoded `tensorflow.ConfigProto`
 * @throws {EngineError} `COLLECTIVE_OPTIONS`
 */
export function encodeServerDef({ rank, addresses }: ClusterOptions, config: Uint8Array): Uint8Array {
  if (addresses.length < 2 || !Number.isInteger(rank) || rank < 0 || rank >= addresses.length)
    throw new EngineError(
      'COLLECTIVE_OPTIONS',
      `a cluster has at least two addresses and a rank below their number, got rank ${rank} of ${addresses.length}.`,
    );
  for (const address of addresses)
    if (!/^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/.test(address))
      throw new EngineError('COLLECTIVE_OPTIONS', `a cluster address is host:port, got "${address}".`);
  if (new Set(addresses).size < addresses.length)
    throw new EngineError('COLLECTIVE_OPTIONS', `two ranks have the same address: ${addresses.join(', ')}.`);
  const tasks = addresses.map((address, task) =>
    protoField(2, protoMessage(protoField(1, task), protoField(2, address))),
  );
  const cluster = protoMessage(protoField(1, protoMessage(protoField(1, JOB), ...tasks)));
  const leader = protoField(16, protoField(1, taskOf(0)));
  return protoMessage(
    protoField(1, cluster),
    protoField(2, JOB),
    protoField(3, rank),
    protoField(4, protoMessage(config, leader)),
    protoField(5, 'grpc'),
  );
}

/** Ranks talk to each other directly: gRPC would ask the web proxy of the environment for each. Read when the first connection is made. */
export function avoidProxy(addresses: readonly string[], environment: NodeJS.ProcessEnv): void {
  const hosts = addresses.map((address) => address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, ''));
  const known = environment['no_grpc_proxy'] ?? environment['no_proxy'] ?? '';
  environment['no_grpc_proxy'] = [...new Set([...known.split(','), ...hosts])].filter((host) => host !== '').join(',');
}
