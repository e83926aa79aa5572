import { checkedAddresses, refuse, type Cluster, type Environment, type MeetingPoint } from './cluster.js';
import { clusterOfSlurm } from './slurm.js';
import { clusterOfTfConfig } from './tf-config.js';
import { meetingPointOfPet, meetingPointOfTorch } from './torch-environment.js';

/** `--rank`, `--world` and `--peers`. */
export interface ClusterFlags {
  readonly rank?: number;
  readonly world?: number;
  readonly peers?: string;
}

/**
 * Which of several processes this is: from the flags, else TF_CONFIG, else Slurm's variables (under srun), else RANK and WORLD_SIZE, else PET_*.
 *
 * @returns undefined for a process that trains alone
 * @throws CliError CLI_CLUSTER
 */
export function findCluster(flags: ClusterFlags, environment: Environment): Cluster | MeetingPoint | undefined {
  const { rank, world, peers } = flags;
  if (rank !== undefined || world !== undefined || peers !== undefined) return clusterOfFlags(flags);
  const tfConfig = environment['TF_CONFIG'];
  if (tfConfig !== undefined && tfConfig !== '') return clusterOfTfConfig(tfConfig);
  return clusterOfSlurm(environment) ?? meetingPointOfTorch(environment) ?? meetingPointOfPet(environment);
}

function clusterOfFlags({ rank, world, peers }: ClusterFlags): Cluster | undefined {
  const source = '--rank/--world/--peers';
  if (rank === undefined || peers === undefined) refuse(source, '--rank R and --peers HOST:PORT,... belong together');
  const addresses = checkedAddresses(source, peers.split(','));
  if (world !== undefined && world !== addresses.length)
    refuse(source, `--world is ${world}, --peers names ${addresses.length}`);
  if (rank >= addresses.length) refuse(source, `--rank ${rank} is not below the number of peers, ${addresses.length}`);
  return addresses.length === 1 ? undefined : { source, rank, addresses, scheduled: false };
}

/** A note for who may have wanted several processes and gets one. */
export function missedCluster(environment: Environment): string | undefined {
  const tasks = Number(environment['SLURM_NTASKS'] ?? 1);
  if (environment['SLURM_JOB_ID'] === undefined || environment['SLURM_STEP_ID'] !== undefined || tasks < 2)
    return undefined;
  return `the Slurm job has ${tasks} tasks, but this command was not started by srun: it trains alone`;
}
