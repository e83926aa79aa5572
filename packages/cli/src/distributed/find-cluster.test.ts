import { describe, expect, test } from 'vitest';
import { findCluster, missedCluster } from './find-cluster.js';
import { expandCounts, expandNodes } from './slurm.js';

const refused = expect.objectContaining({ code: 'CLI_CLUSTER' }) as unknown;
const tfConfig = (cluster: object, type: string, index: number | string = 0) => ({
  TF_CONFIG: JSON.stringify({ cluster, task: { type, index }, environment: 'cloud' }),
});
const two = { worker: ['w-0.ns.svc:2222', 'w-1.ns.svc:2222'] };

test('without flags and variables a process trains alone', () => {
  expect(findCluster({}, {})).toBeUndefined();
  expect(findCluster({}, { TF_CONFIG: '' })).toBeUndefined();
});

test('flags come first; what does not fit together is refused', () => {
  const peers = 'a:1,b:2';
  const environment = { ...tfConfig(two, 'worker'), RANK: '0', WORLD_SIZE: '2' };
  expect(findCluster({ rank: 1, world: 2, peers }, environment)).toMatchObject({
    source: '--rank/--world/--peers',
    rank: 1,
    addresses: ['a:1', 'b:2'],
  });
  expect(findCluster({ rank: 0, peers: 'a:1' }, {})).toBeUndefined();
  for (const flags of [
    { rank: 0 },
    { peers },
    { rank: 2, peers },
    { rank: 0, world: 3, peers },
    { rank: 0, peers: 'a:1,a:1' },
    { rank: 0, peers: 'a,b:1' },
    { rank: 0, peers: '0.0.0.0:1,b:1' },
    { rank: 0, peers: '[::]:1,b:1' },
    { rank: 0, peers: 'a:70000,b:1' },
  ])
    expect(() => findCluster(flags, {})).toThrow(refused);
});

describe('TF_CONFIG', () => {
  const find = (cluster: object, type: string, index: number | string = 0) =>
    findCluster({}, tfConfig(cluster, type, index));

  test('workers by index, a chief before them', () => {
    expect(find(two, 'worker', 1)).toMatchObject({ source: 'TF_CONFIG', rank: 1, addresses: two.worker });
    const withChief = { chief: ['c:2222'], ...two, evaluator: ['e:2222'] };
    expect(find(withChief, 'chief')).toMatchObject({ rank: 0, addresses: ['c:2222', ...two.worker] });
    expect(find(withChief, 'worker', '1')).toMatchObject({ rank: 2 });
  });

  test('the sparse form', () => {
    const sparse = { worker: { 3: 'd:2222', 1: 'b:2222' } };
    expect(find(sparse, 'worker', 3)).toMatchObject({ rank: 1, addresses: ['b:2222', 'd:2222'] });
    expect(find({ worker: { 0: 'a:2222' } }, 'worker', 0)).toBeUndefined();
    expect(() => find({ worker: { 1: 'b:2222' } }, 'worker', 1)).toThrow(refused);
  });

  test('a lone worker or chief is a local run', () => {
    expect(find({ worker: ['w:2222'] }, 'worker')).toBeUndefined();
    expect(find({ chief: ['w:2222'], ps: [] }, 'chief')).toBeUndefined();
    expect(findCluster({}, { TF_CONFIG: '{}' })).toBeUndefined();
  });

  test('parameter servers, an evaluator, unknown kinds and broken text are refused', () => {
    expect(() => find({ ...two, ps: ['p:2222'] }, 'worker')).toThrow('parameter servers');
    expect(() => find({ ...two, ps: ['p:2222'] }, 'ps')).toThrow('parameter servers');
    expect(() => find({ ...two, evaluator: ['e:2222'] }, 'evaluator')).toThrow('evaluator does not train');
    expect(() => find({ ...two, boss: ['b:1'] }, 'worker')).toThrow(refused);
    expect(() => find(two, 'worker', 2)).toThrow(refused);
    for (const text of ['{', '[]', '"x"', '{"cluster": []}', '{"cluster": {"worker": "a:1"}, "task": {}}'])
      expect(() => findCluster({}, { TF_CONFIG: text })).toThrow(refused);
    expect(() => find({ worker: [1, 2] }, 'worker')).toThrow(refused);
    expect(() => find({ worker: ['0.0.0.0:2222', 'b:2222'] }, 'worker')).toThrow('every interface');
  });
});

describe('Slurm', () => {
  const environment = (rank: number, more: object = {}) => ({
    SLURM_JOB_ID: '1234567',
    SLURM_STEP_ID: '0',
    SLURM_PROCID: `${rank}`,
    SLURM_STEP_NUM_TASKS: '5',
    SLURM_STEP_NODELIST: 'gpu[09-10],login3',
    SLURM_STEP_TASKS_PER_NODE: '2(x2),1',
    SLURM_NODEID: `${Math.floor(rank / 2)}`,
    ...more,
  });

  test('node names, tasks a node, a port by the job', () => {
    expect(findCluster({}, environment(3))).toEqual({
      source: 'Slurm',
      rank: 3,
      addresses: ['gpu09:19567', 'gpu09:19568', 'gpu10:19567', 'gpu10:19568', 'login3:19567'],
      scheduled: true,
    });
    expect(expandNodes('a1,b[1-2,5]-x,c[008-010]')).toEqual(['a1', 'b1-x', 'b2-x', 'b5-x', 'c008', 'c009', 'c010']);
    expect(expandCounts('4,2(x3)')).toEqual([4, 2, 2, 2]);
  });

  test('another distribution, or numbers that do not fit, are refused', () => {
    expect(() => findCluster({}, environment(1, { SLURM_NODEID: '1' }))).toThrow('--distribution=block');
    expect(() => findCluster({}, environment(0, { SLURM_STEP_NUM_TASKS: '4' }))).toThrow(refused);
    expect(() => findCluster({}, environment(0, { SLURM_STEP_NODELIST: 'gpu[a-b]' }))).toThrow(refused);
  });

  test('only under srun; a job of many tasks without it says so', () => {
    const batch = { SLURM_JOB_ID: '1', SLURM_NTASKS: '4', SLURM_PROCID: '0' };
    expect(findCluster({}, batch)).toBeUndefined();
    expect(missedCluster(batch)).toContain('not started by srun');
    expect(missedCluster({ ...batch, SLURM_STEP_ID: '0' })).toBeUndefined();
    expect(missedCluster({})).toBeUndefined();
  });
});

describe('RANK and PET variables', () => {
  const torch = { RANK: '1', WORLD_SIZE: '4', MASTER_ADDR: 'head', MASTER_PORT: '29400' };
  const pet = {
    PET_NNODES: '2',
    PET_NODE_RANK: '1',
    PET_NPROC_PER_NODE: 'auto',
    PET_MASTER_ADDR: 'h',
    PET_MASTER_PORT: '29400',
  };

  test('name a point to meet', () => {
    expect(findCluster({}, torch)).toEqual({ source: 'RANK/WORLD_SIZE', rank: 1, size: 4, host: 'head', port: 29400 });
    expect(findCluster({}, pet)).toEqual({ source: 'PET_*', rank: 1, size: 2, host: 'h', port: 29400 });
    expect(findCluster({}, { ...torch, ...pet })).toMatchObject({ source: 'RANK/WORLD_SIZE' });
    expect(findCluster({}, { ...torch, RANK: '0', WORLD_SIZE: '1' })).toBeUndefined();
  });

  test('what cannot be is refused', () => {
    expect(() => findCluster({}, { ...torch, RANK: '4' })).toThrow(refused);
    expect(() => findCluster({}, { ...torch, MASTER_ADDR: '' })).toThrow(refused);
    expect(() => findCluster({}, { ...torch, MASTER_PORT: 'x' })).toThrow(refused);
    expect(() => findCluster({}, { ...pet, PET_NPROC_PER_NODE: '8' })).toThrow(refused);
    expect(() => findCluster({}, { ...pet, PET_NNODES: '2:4' })).toThrow(refused);
  });
});
