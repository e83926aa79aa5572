import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../errors.js';
import type { Environment } from './cluster.js';
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

  test('workers by index, each of them once and none left out', () => {
    const byIndex = { worker: { 10: 'k:1', ...Object.fromEntries([...'0123456789'].map((i) => [i, `h${i}:1`])) } };
    expect(find(byIndex, 'worker', 10)).toMatchObject({ rank: 10 });
    expect(find({ worker: { 1: 'b:2222', 0: 'a:2222' } }, 'worker', 1)).toMatchObject({
      rank: 1,
      addresses: ['a:2222', 'b:2222'],
    });
    expect(find({ worker: { 0: 'a:2222' } }, 'worker', 0)).toBeUndefined();
    expect(() => find({ worker: { 0: 'a:2222', 5: 'b:2222' } }, 'worker', 5)).toThrow('there is no 1');
    expect(() => find({ worker: { 1: 'b:2222' } }, 'worker', 1)).toThrow('enableDynamicWorker: false');
    for (const key of ['-1', '', '00', '0x0', ' 1', '1.5'])
      expect(() => find({ worker: { 0: 'a:2222', [key]: 'b:2222' } }, 'worker', 0)).toThrow(
        `got ${JSON.stringify(key)}`,
      );
  });

  test('what a worker of a dynamic cluster is told is not enough, and the error says what to set', () => {
    const sparse = { sparseCluster: { worker: { 0: 'h:2222' }, ps: [] }, task: { type: 'worker', index: 0 } };
    expect(() => findCluster({}, { TF_CONFIG: JSON.stringify(sparse) })).toThrow('enableDynamicWorker: false');
    expect(() => findCluster({}, { TF_CONFIG: JSON.stringify(sparse) })).toThrow(refused);
  });

  test('a task is a kind and a whole number', () => {
    for (const index of [null, true, [1], '', ' 1', '01', -1, 0.5, undefined])
      expect(() =>
        findCluster({}, { TF_CONFIG: JSON.stringify({ cluster: two, task: { type: 'worker', index } }) }),
      ).toThrow('task.index');
    for (const type of [null, 1, {}, undefined])
      expect(() => findCluster({}, { TF_CONFIG: JSON.stringify({ cluster: two, task: { type, index: 0 } }) })).toThrow(
        'task.type',
      );
    expect(() => findCluster({}, { TF_CONFIG: JSON.stringify({ cluster: two }) })).toThrow('task.type');
  });

  test('there is one chief', () => {
    expect(() => find({ chief: ['a:1', 'b:1'], worker: ['c:1'] }, 'chief', 1)).toThrow('one chief');
    expect(() => find({ chief: ['a:1'], master: ['b:1'], worker: ['c:1'] }, 'chief')).toThrow('one chief');
  });

  test('an address is a name or a number of one host, and a port', () => {
    for (const host of [
      'a\0',
      'a,c',
      'a@c',
      'a b',
      'a'.repeat(100_000),
      '-a',
      'a..b',
      '1.2.3',
      '256.0.0.1',
      '::1',
      '[::1',
      '[:::]',
    ])
      expect(() => find({ worker: [`${host}:2222`, 'b:2222'] }, 'worker')).toThrow(/an address is host:port.{0,200}$/);
    for (const port of ['02222', '0', '65536', '0x10', '', ' 1', '1e3'])
      expect(() => find({ worker: [`a:${port}`, 'b:2222'] }, 'worker')).toThrow('an address is host:port');
    for (const host of ['0', '0x0', '0.0', '0.0.0.0', '[::]', '[::0]', '[0:0:0:0:0:0:0:0]', '[::ffff:0.0.0.0]', '*'])
      expect(() => find({ worker: [`${host}:2222`, 'b:2222'] }, 'worker')).toThrow('every interface');
    for (const twice of [
      ['a:1', 'A:1'],
      ['a:1', 'a.:1'],
      ['[::1]:1', '[0:0::1]:1'],
    ])
      expect(() => find({ worker: twice }, 'worker')).toThrow('two ranks have one address');
    const good = ['10.0.0.1:1', '[2001:db8::1]:65535', 'w_0.ns-1.svc.cluster.local.:2222'];
    expect(find({ worker: good }, 'worker', 2)).toMatchObject({ addresses: good });
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
    expect(expandNodes('a1,b[1-2,5]-x,c[008-010]', 7)).toEqual(['a1', 'b1-x', 'b2-x', 'b5-x', 'c008', 'c009', 'c010']);
    expect(expandNodes('r[1-2]n[1-2]', 4)).toEqual(['r1n1', 'r1n2', 'r2n1', 'r2n2']);
    expect(expandNodes('r[1,3]n[09-10]x', 4)).toEqual(['r1n09x', 'r1n10x', 'r3n09x', 'r3n10x']);
    expect(expandCounts('4,2(x3)', 10)).toEqual([4, 2, 2, 2]);
  });

  test('lists that are longer than the step has tasks are refused before they are expanded', () => {
    const nodes = (list: string, more: object = {}) =>
      findCluster({}, environment(0, { SLURM_STEP_NODELIST: list, ...more }));
    for (const list of ['n[0-999999999]', 'n[1-3,1-3]', 'n[1-3]x[1-3]', 'a,b,c,d,e,f', 'n[1-2]'.repeat(20_000)])
      expect(() => nodes(list)).toThrow(refused);
    expect(() => nodes('n[0-999999999]')).toThrow('more than 5 nodes');
    expect(() => nodes('n[0-999999999]', { SLURM_STEP_NUM_TASKS: '1000000000' })).toThrow('at most');
    for (const counts of ['2(x999999999)', '999999999', '0(x999999999)', '1(x4),2'])
      expect(() => nodes('n[1-5]', { SLURM_STEP_TASKS_PER_NODE: counts })).toThrow('more than 5 tasks');
  });

  test('lists that cannot be read are refused', () => {
    for (const list of [
      '',
      'n[1-2',
      'n1-2]',
      'n[[1]]',
      'n[]',
      'n[5-2]',
      'n[1-]',
      'n[1-2]]',
      'a,,b',
      'a,',
      'n[1x2]',
      'a b',
    ])
      expect(() => expandNodes(list, 9)).toThrow('cannot be read');
    for (const counts of ['', '2(x)', 'x', '2,', '2(3)', '-1', '1.5'])
      expect(() => expandCounts(counts, 9)).toThrow('cannot be read');
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
    for (const port of ['x', '0', '99999', ''])
      expect(() => findCluster({}, { ...torch, MASTER_PORT: port })).toThrow(refused);
    for (const host of ['0.0.0.0', '::', 'a b', 'a:1'])
      expect(() => findCluster({}, { ...torch, MASTER_ADDR: host })).toThrow(refused);
    expect(findCluster({}, { ...torch, MASTER_ADDR: '::1' })).toMatchObject({ host: '::1' });
    expect(() => findCluster({}, { ...torch, WORLD_SIZE: '9'.repeat(400) })).toThrow(refused);
    expect(() => findCluster({}, { ...pet, PET_NPROC_PER_NODE: '8' })).toThrow(refused);
    expect(() => findCluster({}, { ...pet, PET_NNODES: '2:4' })).toThrow(refused);
  });
});

describe('any text gives a cluster or a typed error, at once', () => {
  const LIMIT_MS = 250; // of a busy machine; a list that is expanded without a bound takes seconds or all memory
  const judge = (environment: Environment): void => {
    const start = performance.now();
    try {
      const found = findCluster({}, environment);
      if (found !== undefined && 'addresses' in found) {
        expect(found.addresses.length).toBeGreaterThan(1);
        expect(found.addresses[found.rank]).toMatch(/^\S+:\d+$/);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(CliError);
      expect((error as CliError).code).toBe('CLI_CLUSTER');
      expect((error as CliError).message.length).toBeLessThan(600);
    }
    expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  };
  const of = (pieces: readonly string[]): fc.Arbitrary<string> =>
    fc.oneof(
      fc.string(),
      fc
        .array(fc.oneof(fc.constantFrom(...pieces), fc.nat().map(String)), { maxLength: 40 })
        .map((list) => list.join('')),
    );

  test('TF_CONFIG', () => {
    const address = fc.oneof(fc.anything(), of(['a', 'b.svc', ':', '2222', '[', ']', '::', '0', '@', ',', '\0']));
    const tasks = fc.oneof(fc.array(address), fc.dictionary(of(['0', '1', '-']), address), fc.anything());
    const kinds = fc.dictionary(fc.constantFrom('chief', 'worker', 'master', 'ps', 'evaluator', '__proto__'), tasks);
    const task = fc.record({ type: fc.oneof(fc.constantFrom('worker', 'chief'), fc.anything()), index: fc.anything() });
    const config = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ cluster: fc.oneof(kinds, fc.anything()), task: fc.oneof(task, fc.anything()) }).map(asJson),
    );
    fc.assert(fc.property(config, (text) => judge({ TF_CONFIG: text })));
  });

  test("Slurm's lists", () => {
    const nodes = of(['n', 'gpu', '[', ']', ',', '-', '[1-2]', '[0-999999999]', '[08-11]']);
    const counts = of(['1', '2', '(x', ')', ',', '(x999999999)', '(x2)']);
    const number = fc.oneof(fc.nat(8).map(String), fc.constantFrom('1000000000', 'x', '-1', '9'.repeat(40)));
    fc.assert(
      fc.property(nodes, counts, number, number, (list, perNode, size, rank) =>
        judge({
          ...{ SLURM_JOB_ID: '7', SLURM_STEP_ID: '0', SLURM_PROCID: rank, SLURM_STEP_NUM_TASKS: size },
          ...{ SLURM_STEP_NODELIST: list, SLURM_STEP_TASKS_PER_NODE: perNode },
        }),
      ),
    );
  });

  test('MASTER and PET variables', () => {
    const text = of(['0', '1', '2', 'h', ':', '.', '[', ']', '99999']);
    fc.assert(
      fc.property(text, text, text, text, (rank, size, host, port) => {
        judge({ RANK: rank, WORLD_SIZE: size, MASTER_ADDR: host, MASTER_PORT: port });
        judge({ PET_NODE_RANK: rank, PET_NNODES: size, PET_MASTER_ADDR: host, PET_MASTER_PORT: port });
      }),
    );
  });
});

/** Values that JSON has no words for are left out, as a controller that marshals them would. */
function asJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}
