import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AnyHeadPlugin } from '../plugin/head-plugin.js';
import { PluginRegistry } from '../plugin/registry.js';
import { type ResolvedProtocol } from '../protocol/resolved-phase.js';
import { resolveProtocol } from '../protocol/resolve-protocol.js';
import { checkUserConfig } from './check-user-config.js';
import { configPathOf, configToProtocol } from './config-to-protocol.js';
import { editorSchema } from './editor-schema.js';
import { resolveRunReferences } from './run-references.js';
import type { UserConfig } from './user-config.js';
import { validate } from './validate.js';

const options = (properties: object): { type: 'object'; properties: object; additionalProperties: false } => ({
  type: 'object',
  properties,
  additionalProperties: false,
});

/** A head that can, or cannot, stand behind a gate. */
function head(kind: string, created: object): AnyHeadPlugin {
  const properties = {
    anchors: { type: 'integer', default: 5 },
    classes: { type: 'array', items: { type: 'string' } },
  };
  return { kind, apiVersion: 1, options: options(properties), label: () => undefined, create: () => created } as never;
}

const registry = new PluginRegistry({
  heads: [
    head('cls', { gateScore: () => 0, empty: () => ({}), metrics: [] }),
    head('det', { empty: () => ({}), metrics: [{ name: 'mAP' }] }),
    head('age', { metrics: [] }),
  ],
  encoders: [
    {
      kind: 'tiny',
      apiVersion: 1,
      options: options({ size: { type: 'integer', default: 32 } }),
      create: () => ({}),
    } as never,
  ],
  datasets: [
    {
      kind: 'rsna',
      apiVersion: 1,
      options: options({ headers: { type: 'boolean', default: true } }),
      layout: ['labels.csv: a,b', 'images/<id>.dcm'],
    } as never,
  ],
});

async function root(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mcx-root-'));
  await mkdir(join(folder, 'images'));
  return folder;
}

async function config(change: object = {}): Promise<UserConfig> {
  return {
    datasets: { rsna: { kind: 'rsna', root: await root() } },
    model: {
      encoder: { kind: 'tiny' },
      heads: { cls: { kind: 'cls' }, det: { kind: 'det', anchors: 3 }, age: { kind: 'age' } },
    },
    train: {
      schedule: { kind: 'alternating', turns: [{ dataset: 'rsna', heads: ['cls', 'det', 'age'] }] },
      steps: 10,
      optimizer: { kind: 'adam', learningRate: 0.01, schedule: { kind: 'cosine', warmup: 3 } },
      ...change,
    },
  };
}

test('a config becomes a protocol of one phase that resolves', async () => {
  const { config: checked, problems } = await checkUserConfig(
    await config({ seed: 7, batchSize: 4, weights: { det: 2 } }),
    { registry },
  );
  expect(problems).toEqual([]);
  const { protocol, problems: later } = resolveProtocol(configToProtocol(checked, {}), registry);
  expect(later).toEqual([]);
  expect(protocol).toMatchObject({ name: 'train', seed: 7 });
  expect(protocol?.phases).toMatchObject([
    {
      name: 'train',
      steps: 10,
      batchSize: 4,
      weights: { det: 2 },
      optimizer: { kind: 'adam' },
      learningRate: { base: 0.01, kind: 'cosine', warmup: 3 },
      schedule: { kind: 'alternating', turns: [{ on: 'rsna', train: ['encoder', 'cls', 'det', 'age'] }] },
      heads: { det: { kind: 'det', anchors: 3 }, age: { anchors: 5 } },
    },
  ]);
});

test('how images are drawn: sampling for the phase, a fraction of a dataset, which is no option of its adapter', async () => {
  const sampling = { kind: 'repeat-factor', threshold: 0.05 } as const;
  const given = await config({ sampling });
  const rsna = { ...given.datasets['rsna'], kind: 'rsna', fraction: 0.01 };
  const { config: checked, problems } = await checkUserConfig({ ...given, datasets: { rsna } }, { registry });
  expect(problems).toEqual([]);
  const { protocol } = resolveProtocol(configToProtocol(checked, {}), registry);
  expect(protocol?.datasets['rsna']).toMatchObject({ kind: 'rsna', headers: true, fraction: 0.01 });
  expect(protocol?.phases[0]?.sampling).toEqual(sampling);

  const problemsOf = async (value: UserConfig): Promise<unknown[]> => {
    const { config: read, problems: found } = await checkUserConfig(value, { registry });
    const later = found.length > 0 ? [] : resolveProtocol(configToProtocol(read, {}), registry).problems;
    return [...found, ...later].map(({ place }) => place.path);
  };
  expect(await problemsOf({ ...given, datasets: { rsna: { ...rsna, fraction: 0 } } })).toEqual([
    'datasets.rsna.fraction',
  ]);
  expect((await problemsOf(await config({ sampling: 'balanced' }))).join()).toContain('sampling');
  expect((await problemsOf(await config({ sampling: 'class-balanced', positivePortion: 0.5 }))).join()).toContain(
    'sampling',
  );
});

test('the words of the training step reach the phase', async () => {
  const { config: checked, problems } = await checkUserConfig(
    await config({
      accumulate: 4,
      ema: 0.99,
      precision: 'bfloat16',
      guard: 3,
      weighting: { kind: 'dwa', every: 10 },
      logGradients: 50,
      select: { metric: 'det.mAP', on: 'rsna', patience: 3 },
      optimizer: {
        ...{ kind: 'sgd', momentum: 0.9, clipNorm: 1, learningRate: 0.1 },
        schedule: { kind: 'step', milestones: [3, 6], factor: 0.5 },
      },
    }),
    { registry },
  );
  expect(problems).toEqual([]);
  expect(resolveProtocol(configToProtocol(checked, {}), registry).protocol?.phases[0]).toMatchObject({
    accumulate: 4,
    ema: 0.99,
    precision: 'bfloat16',
    guard: { skips: 3, spike: 0 },
    weighting: { kind: 'dwa', every: 10, temperature: 2 },
    logGradients: 50,
    select: { metric: 'det.mAP', on: 'rsna', every: 100, patience: 3 },
    clipNorm: 1,
    optimizer: { kind: 'sgd', momentum: 0.9 },
    learningRate: { base: 0.1, kind: 'step', milestones: [3, 6], factor: 0.5, warmup: 0 },
  });
});

test('how images are read: threads, batches ahead, a cache', async () => {
  const words = { workers: 0, prefetch: 3, cache: { folder: 'cache', limit: '20 GB' }, maxBroken: 5 };
  const { config: checked, problems } = await checkUserConfig(await config(words), { registry });
  expect(problems).toEqual([]);
  expect(resolveProtocol(configToProtocol(checked, {}), registry).protocol).toMatchObject(words);
  const plain = await checkUserConfig(await config({ cache: 'cache' }), { registry });
  const { protocol } = resolveProtocol(configToProtocol(plain.config, {}), registry);
  expect(protocol).toMatchObject({ prefetch: 2, cache: 'cache' });
  expect(protocol).not.toHaveProperty('workers');
  const wrong = await checkUserConfig(await config({ workers: -1, prefetch: 0, cache: { folder: 'c', limit: '20' } }), {
    registry,
  });
  const paths = wrong.problems.map(({ place }) => place.path);
  for (const path of ['train.workers', 'train.prefetch']) expect(paths).toContain(path);
  expect(paths.some((path) => path?.startsWith('train.cache'))).toBe(true);
});

test('phases in a config: told what a config is, and what takes them', async () => {
  const { problems } = await checkUserConfig({ ...(await config()), phases: { nope: { x: 1 } } }, { registry });
  expect(problems).toMatchObject([{ code: 'CONFIG_UNKNOWN_KEY', place: { path: 'phases' } }]);
  expect(problems[0]?.message).toContain('protocol run FILE');
});

test('all problems come at once: envelope and options, then names and roots', async () => {
  const good = await config();
  const first = await checkUserConfig(
    { ...good, model: { ...good.model, heads: { det: { kind: 'det', ancors: 1 }, x: { kind: 'dat' } } }, trian: {} },
    { registry, file: '/c.yaml', packageOf: (role, kind) => `${role}-${kind} 1.0` },
  );
  expect(first.problems.map(({ code, place }) => [code, place.path])).toEqual([
    ['CONFIG_UNKNOWN_KEY', 'trian'],
    ['CONFIG_UNKNOWN_KEY', 'model.heads.det.ancors'],
    ['PLUGIN_UNKNOWN', 'model.heads.x.kind'],
  ]);
  expect(first.problems[1]?.message).toBe('head "det" (head-det 1.0) has no option "ancors"; did you mean "anchors"?');
  expect(first.problems[0]?.message).toContain('did you mean "train"?');

  const second = await checkUserConfig(
    {
      ...good,
      datasets: { rsna: { kind: 'rsna', root: '/nowhere' }, other: { kind: 'rsna', root: tmpdir() } },
      train: {
        ...good.train,
        schedule: { kind: 'joint', turns: [{ dataset: 'rnsa', heads: ['dett'] }] },
        weights: { sge: 1 },
        freeze: ['encodr'],
      },
    },
    { registry },
  );
  expect(second.problems.map(({ code, place }) => [code, place.path])).toEqual([
    ['CONFIG_UNKNOWN_DATASET', 'train.schedule.turns[0].dataset'],
    ['CONFIG_UNKNOWN_HEAD', 'train.schedule.turns[0].heads[0]'],
    ['CONFIG_UNKNOWN_HEAD', 'train.weights.sge'],
    ['CONFIG_UNKNOWN_HEAD', 'train.freeze[0]'],
    ['DATA_ROOT_MISSING', 'datasets.rsna.root'],
    ['DATA_ROOT_MISSING', 'datasets.other.root'],
  ]);
  expect(second.problems[5]?.message).toContain('has none of labels.csv, images');
});

test.each([null, [], 3, 'x', {}, { datasets: 3, model: 4, train: 5 }, { model: { heads: [1], encoder: null } }])(
  '%j is refused and breaks nothing',
  async (value) => {
    expect((await checkUserConfig(value, { registry })).problems.length).toBeGreaterThan(0);
  },
);

/** A run that trained gates on rsna twice, and a network with heads. */
async function run(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mcx-run-'));
  const phase = (name: string, train: string[], heads: object): object => ({
    name,
    heads,
    schedule: { kind: 'alternating', turns: [{ on: 'r', train }] },
  });
  const protocol: Partial<Record<keyof ResolvedProtocol, unknown>> = {
    datasets: { r: { kind: 'rsna' } },
    phases: [
      phase('gate-1', ['encoder', 'gate'], { gate: {} }),
      phase('both', ['encoder', 'cls', 'det'], { cls: {}, det: {} }),
      phase('gate-2', ['encoder', 'gate'], { gate: {} }),
    ],
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(protocol));
  return folder;
}

test('a run stands for the phase of it that fits', async () => {
  const folder = await run();
  const references = await resolveRunReferences(await config({ from: folder, gate: { from: folder } }), registry);
  // cls gates and age has nothing to say of an image held back: det alone stands behind the gate.
  expect(references).toEqual({ from: `${folder}#both`, gate: { det: `${folder}#gate-2` } });
  expect(
    await resolveRunReferences(
      await config({ from: { encoder: `${folder}#gate-1`, det: folder }, gate: { from: 'own' } }),
      registry,
    ),
  ).toEqual({ from: { encoder: `${folder}#gate-1`, det: `${folder}#both` }, gate: { det: 'own' } });
  expect(await resolveRunReferences(await config(), registry)).toEqual({});
});

test('a run that is none, or has no gate for the dataset, is named with its place', async () => {
  await expect(resolveRunReferences(await config({ from: '/nowhere' }), registry)).rejects.toMatchObject({
    code: 'RUN_NOT_FOUND',
    place: { path: 'train.from' },
  });
  const folder = await run();
  const other = await config({ gate: { from: folder } });
  const elsewhere = { ...other, datasets: { rsna: { kind: 'siim', root: 'x' } } };
  await expect(resolveRunReferences(elsewhere, registry)).rejects.toMatchObject({
    code: 'CONFIG_GATE',
    message: expect.stringContaining('"gate-1" on rsna') as string,
    place: { path: 'train.gate.from' },
  });
});

test.each([
  ['phases.train.schedule.turns[1].on', 'train.schedule.turns[1].dataset'],
  ['phases.train.gate.det', 'train.gate.from.det'],
  ['phases.train.from', 'train.from'],
  ['phases.train.heads.det.anchors', 'model.heads.det.anchors'],
  ['defaults.clipNorm', 'train.optimizer.clipNorm'],
  ['phases.train.learningRate.milestones', 'train.optimizer.schedule.milestones'],
  ['defaults.learningRate.base', 'train.optimizer.learningRate'],
  ['defaults.steps', 'train.steps'],
  ['seed', 'train.seed'],
  ['model.encoder.size', 'model.encoder.size'],
])('%s of the protocol is %s of the config', (path, expected) => {
  expect(configPathOf(path)).toBe(expected);
});

test('the schema for editors knows every kind with its options', async () => {
  const schema = editorSchema(registry);
  const place = { path: '', owner: 'a config' };
  expect(validate(schema, await config(), place).problems).toEqual([]);
  const typo = { ...(await config()), model: { encoder: { kind: 'tiny', sise: 3 }, heads: { det: { kind: 'det' } } } };
  expect(validate(schema, typo, place).problems).not.toEqual([]);
});
