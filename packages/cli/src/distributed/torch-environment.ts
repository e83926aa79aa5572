import {
  bracketed,
  checkedAddresses,
  checkedSize,
  got,
  refuse,
  wholeOf,
  type Environment,
  type MeetingPoint,
} from './cluster.js';

/** RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun and Kubeflow's PyTorchJob set them. */
export function meetingPointOfTorch(environment: Environment): MeetingPoint | undefined {
  if (environment['RANK'] === undefined || environment['WORLD_SIZE'] === undefined) return undefined;
  return point(
    'RANK/WORLD_SIZE',
    wholeOf(environment, 'RANK'),
    wholeOf(environment, 'WORLD_SIZE'),
    environment,
    'MASTER',
  );
}

/** PET_*, as Kubeflow Trainer's torch runtime sets them: one process a node. */
export function meetingPointOfPet(environment: Environment): MeetingPoint | undefined {
  if (environment['PET_NNODES'] === undefined || environment['PET_NODE_RANK'] === undefined) return undefined;
  const source = 'PET_*';
  const each = environment['PET_NPROC_PER_NODE'] ?? '1';
  if (!['1', 'auto', 'cpu'].includes(each))
    refuse(source, `one process a node is started, ${got(each)} in PET_NPROC_PER_NODE: set numProcPerNode to 1`);
  return point(
    source,
    wholeOf(environment, 'PET_NODE_RANK'),
    wholeOf(environment, 'PET_NNODES'),
    environment,
    'PET_MASTER',
  );
}

function point(
  source: string,
  rank: number,
  size: number,
  environment: Environment,
  master: string,
): MeetingPoint | undefined {
  if (checkedSize(source, size) < 2) return undefined;
  if (rank >= size) refuse(source, `a rank is below the number of processes, ${size}, got ${rank}`);
  const host = environment[`${master}_ADDR`];
  if (host === undefined || host === '') refuse(source, `${master}_ADDR must name the host of rank 0, ${got(host)}`);
  const port = wholeOf(environment, `${master}_PORT`);
  checkedAddresses(source, [`${bracketed(host)}:${port}`]);
  return { source, rank, size, host, port };
}
