import { expect, test } from 'vitest';
import { MultichexnetError } from '../errors.js';
import { PluginRegistry } from '../plugin/registry.js';
import type { ExternalPhase } from './external-phases.js';
import { parentModule, type ResolvedPhase, type ResolvedProtocol } from './resolved-phase.js';
import { resolveProtocol } from './resolve-protocol.js';

const schema = (properties: object): object => ({ type: 'object', properties, additionalProperties: false });
const head = (kind: string, more: object = {}): never =>
  ({
    kind,
    apiVersion: 1,
    options: schema({
      classes: { type: 'array', items: { type: 'string' }, default: ['A'] },
      width: { type: 'integer', default: 8 },
    }),
    label: () => undefined,
    create: () => ({ metrics: [{ name: 'auroc' }, { name: 'auroc/A' }], ...more }),
  }) as never;
const registry = new PluginRegistry({
  heads: [
    head('cls', { gateScore: () => 0, decisionLayers: ['decision'] }),
    head('det', { empty: () => [], metrics: [{ name: 'mAP' }] }),
    head('bare', { metrics: [] }),
  ],
  encoders: [
    {
      kind: 'tiny',
      apiVersion: 1,
      options: schema({ size: { type: 'integer', default: 32 } }),
      create: ({ size }: { size: number }) => {
        if (size % 2 === 1) throw new MultichexnetError('ENCODER_SIZE', 'odd', { path: 'model.encoder.size' });
        return {};
      },
    } as never,
  ],
  datasets: [{ kind: 'rsna', apiVersion: 1, options: schema({ view: { type: 'string' } }) } as never],
});

const base = {
  name: 'test',
  datasets: { rsna: { kind: 'rsna', root: '/data' }, siim: { kind: 'rsna' } },
  model: { encoder: { kind: 'tiny' }, heads: { cls: { kind: 'cls' }, det: { kind: 'det' }, seg: { kind: 'det' } } },
};
const cls = { train: ['encoder', 'cls'], on: 'rsna' };
const det = { train: ['encoder', 'det'], on: 'rsna' };

function problems(
  phases: object,
  more: object = {},
  externals?: Map<string, ExternalPhase>,
): [string, string, string | undefined][] {
  const resolution = resolveProtocol({ ...base, phases, ...more }, registry, 'p.yaml', externals);
  expect(resolution.protocol === undefined).toBe(resolution.problems.length > 0);
  for (const { place } of resolution.problems) expect(place.file).toBe('p.yaml');
  return resolution.problems.map(({ code, message, place }) => [code, message, place.path]);
}

function resolved(phases: object, more: object = {}): ResolvedProtocol {
  const { protocol, problems: found } = resolveProtocol({ ...base, phases, ...more }, registry);
  expect(found).toEqual([]);
  return protocol!;
}
const phase = (protocol: ResolvedProtocol, name: string): ResolvedPhase =>
  protocol.phases.find((candidate) => candidate.name === name)!;

test('defaults are filled in, plugin options too', () => {
  const protocol = resolved({ one: cls });
  expect(protocol).toMatchObject({
    seed: 1,
    resamples: 1000,
    maxBroken: 0,
    splits: { validation: 0.1, test: 0.2 },
    tables: {},
  });
  expect(protocol.model.encoder).toEqual({ kind: 'tiny', size: 32 });
  expect(protocol.datasets).toEqual({ rsna: { kind: 'rsna', root: '/data' }, siim: { kind: 'rsna' } });
  expect(phase(protocol, 'one')).toEqual({
    name: 'one',
    steps: 1000,
    schedule: { kind: 'alternating', turns: [{ on: 'rsna', train: ['encoder', 'cls'] }] },
    heads: { cls: { kind: 'cls', classes: ['A'], width: 8 } },
    from: {},
    fresh: [],
    freeze: [],
    gate: {},
    batchSize: 8,
    accumulate: 1,
    optimizer: { kind: 'adam' },
    learningRate: { base: 1e-4, kind: 'constant', warmup: 0, milestones: [], factor: 0.1, patience: 10 },
    clipNorm: 0,
    ema: 0,
    precision: 'float32',
    guard: { skips: 0, spike: 0 },
    augment: {
      flip: false,
      rotate: 0,
      scale: 0,
      translate: 0,
      brightness: 0,
      contrast: 0,
      gamma: 0,
      crop: 0,
      elastic: 0,
      grid: 0,
      optical: 0,
      clahe: 0,
      noise: 0,
    },
    positivePortion: 0,
    sampling: 'plain',
    weights: {},
    weighting: { kind: 'static' },
    logGradients: 0,
    batchNorm: 'separate',
    syncBatchNorm: false,
    teacherForcing: { probability: 0.9, per: 'batch', negatives: 0 },
    checkpointEvery: 200,
  });
});

test('the window of DWA follows the steps of the phase, unless it is said', () => {
  const schedule = { kind: 'joint', turns: [{ on: 'rsna', train: ['encoder', 'cls', 'det'] }] };
  const dwa = { kind: 'dwa' };
  const protocol = resolved({
    short: { schedule, weighting: dwa, steps: 300 },
    same: { like: 'short', steps: { of: 'short' } },
    said: { schedule, weighting: { ...dwa, every: 77 }, steps: 300 },
  });
  expect(protocol.phases.map(({ weighting }) => weighting)).toEqual(
    [30, 30, 77].map((every) => ({ kind: 'dwa', temperature: 2, every })),
  );
});

test('a phase’s words stand over the defaults, number shorthands included', () => {
  const protocol = resolved(
    {
      one: {
        ...cls,
        teacherForcing: 1,
        learningRate: 0.01,
        augment: { rotate: 5 },
        heads: { cls: { classes: ['B'] } },
        optimizer: { kind: 'sgd', momentum: 0.9 },
        boxesFromMasks: { minArea: 16 },
        crossValidate: { folds: 5, repeats: 2 },
        freeze: ['encoder', 'cls.features'],
        fresh: ['cls.decision'],
      },
      two: { ...cls, teacherForcing: { per: 'sample' }, learningRate: { kind: 'cosine' } },
    },
    { defaults: { learningRate: { base: 0.1, warmup: 3 }, augment: { flip: true }, steps: 7, batchSize: 2 } },
  );
  expect(phase(protocol, 'one')).toMatchObject({
    steps: 7,
    batchSize: 2,
    teacherForcing: { probability: 1, per: 'batch' },
    learningRate: { base: 0.01, kind: 'constant', warmup: 3, milestones: [] },
    augment: { rotate: 5, flip: true },
    heads: { cls: { classes: ['B'], width: 8 } },
    optimizer: { kind: 'sgd', momentum: 0.9 },
    boxesFromMasks: { minArea: 16 },
    crossValidate: { folds: 5, repeats: 2 },
    freeze: ['encoder', 'cls.features'],
    fresh: ['cls.decision'],
  });
  expect(phase(protocol, 'two')).toMatchObject({
    teacherForcing: { probability: 0.9, per: 'sample' },
    learningRate: { base: 0.1, kind: 'cosine', warmup: 3, milestones: [] },
  });
});

test('phases come after those that they need, through from, gate and steps', () => {
  const protocol = resolved({
    transfer: { ...cls, from: 'multi', steps: { of: 'classifier' } },
    multi: { ...det, from: { encoder: 'classifier', det: 'detector' }, gate: 'gate' },
    detector: det,
    gate: { train: ['encoder', 'gate'], on: 'rsna', from: 'classifier' },
    classifier: { ...cls, steps: 11 },
  });
  expect(protocol.phases.map(({ name }) => name)).toEqual(['classifier', 'detector', 'gate', 'multi', 'transfer']);
  expect(phase(protocol, 'transfer')).toMatchObject({ steps: 11, from: { encoder: 'multi' } });
  expect(phase(protocol, 'multi')).toMatchObject({
    from: { encoder: 'classifier', det: 'detector' },
    gate: { det: 'gate' },
  });
});

test('a gate is the classification head with the one class positive, and starts from the classifier', () => {
  const protocol = resolved({ gate: { train: ['encoder', 'gate'], on: 'rsna', from: 'classifier' }, classifier: cls });
  expect(phase(protocol, 'gate').heads).toEqual({ gate: { kind: 'cls', classes: ['positive'], width: 8 } });
  expect(phase(protocol, 'gate').from).toEqual({ encoder: 'classifier', gate: 'classifier' });
  expect(parentModule(phase(protocol, 'classifier'), 'gate')).toBe('cls');
  expect(parentModule(phase(protocol, 'gate'), 'gate')).toBe('gate');
  expect(parentModule(phase(protocol, 'gate'), 'cls')).toBeUndefined();
  expect(parentModule(phase(protocol, 'gate'), 'toString')).toBeUndefined();
  expect(parentModule({ heads: {} }, 'encoder')).toBe('encoder');
});

test('from one phase takes what that phase has; from nothing takes nothing', () => {
  const both = { schedule: { kind: 'joint', turns: [{ on: 'rsna', train: ['encoder', 'cls', 'det'] }] } };
  const protocol = resolved({
    classifier: cls,
    both: { ...both, from: 'classifier' },
    bare: { ...both, from: 'nothing' },
  });
  expect(phase(protocol, 'both').from).toEqual({ encoder: 'classifier', cls: 'classifier' });
  expect(phase(protocol, 'bare').from).toEqual({});
});

test('one gate word stands for every dense head; own needs no phase', () => {
  const joint = { schedule: { kind: 'joint', turns: [{ on: 'rsna', train: ['encoder', 'cls', 'det', 'seg'] }] } };
  const protocol = resolved({ a: { ...joint, gate: 'own' }, b: { ...joint, gate: { det: 'own' } } });
  expect(phase(protocol, 'a').gate).toEqual({ det: 'own', seg: 'own' });
  expect(phase(protocol, 'b').gate).toEqual({ det: 'own' });
});

test('like: the other phase’s words with these on top, along a chain', () => {
  const alternating = {
    kind: 'alternating',
    turns: [
      { on: 'rsna', train: ['encoder', 'det'] },
      { on: 'siim', train: ['seg'] },
    ],
  };
  const protocol = resolved({
    c: { like: 'b', train: ['encoder', 'seg'] },
    b: { like: 'a', steps: 5, on: 'siim' },
    a: { ...det, batchSize: 3 },
    d: { like: 'a', schedule: alternating },
    e: { like: 'd', batchSize: 4 },
    f: { like: 'd', ...cls },
  });
  const turns = (name: string): unknown => phase(protocol, name).schedule.turns;
  expect(phase(protocol, 'c')).toMatchObject({ steps: 5, batchSize: 3 });
  expect(turns('b')).toEqual([{ on: 'siim', train: ['encoder', 'det'] }]);
  expect(turns('c')).toEqual([{ on: 'siim', train: ['encoder', 'seg'] }]);
  expect(turns('d')).toEqual(alternating.turns);
  expect(phase(protocol, 'e')).toMatchObject({ batchSize: 4, schedule: alternating });
  expect(turns('f')).toEqual([{ on: 'rsna', train: ['encoder', 'cls'] }]);
});

test('the envelope is checked first, with the path in the user’s words', () => {
  expect(problems({})).toEqual([
    ['CONFIG_VALUE', 'a protocol: must NOT have fewer than 1 properties, got {}', 'phases'],
  ]);
  expect(problems({ one: { ...cls, stesp: 3 } }, { sed: 1 })).toEqual([
    ['CONFIG_UNKNOWN_KEY', 'a protocol has no option "sed"; did you mean "seed"?', 'sed'],
    ['CONFIG_UNKNOWN_KEY', 'a protocol has no option "stesp"; did you mean "steps"?', 'phases.one.stesp'],
  ]);
  expect(resolveProtocol(null, registry).problems[0]?.code).toBe('CONFIG_TYPE');
  expect(problems({ one: { ...cls, optimizer: { kind: 'adma' } } })[0]).toEqual([
    'CONFIG_VALUE',
    'a protocol: "kind" is "adma"; did you mean "adam"?',
    'phases.one.optimizer.kind',
  ]);
});

test('plugins and their options', () => {
  const model = {
    encoder: { kind: 'tyni' },
    heads: { cls: { kind: 'cls', wdith: 1 }, det: { kind: 'det', width: '8' } },
  };
  expect(
    problems({ one: cls }, { model, datasets: { rsna: { kind: 'rnsa' }, siim: { kind: 'rsna', roots: 'x' } } }),
  ).toEqual([
    ['PLUGIN_UNKNOWN', 'no encoder plugin of kind "tyni"; did you mean "tiny"?', 'model.encoder.kind'],
    [
      'CONFIG_UNKNOWN_KEY',
      'head "cls" (kind cls) has no option "wdith"; did you mean "width"?',
      'model.heads.cls.wdith',
    ],
    ['CONFIG_TYPE', 'head "det" (kind det): wanted integer, got "8"', 'model.heads.det.width'],
    ['PLUGIN_UNKNOWN', 'no dataset plugin of kind "rnsa"; did you mean "rsna"?', 'datasets.rsna.kind'],
    ['CONFIG_UNKNOWN_KEY', 'dataset "siim" (kind rsna) has no option "roots"; known: view', 'datasets.siim.roots'],
  ]);
  expect(problems({ one: { ...cls, heads: { cls: { width: 'x' } } } })).toEqual([
    ['CONFIG_TYPE', 'head "cls" (kind cls): wanted integer, got "x"', 'phases.one.heads.cls.width'],
  ]);
});

const unknownPhase = (name: string, path: string): unknown[] => [
  'PROTOCOL_UNKNOWN_PHASE',
  expect.stringContaining(`there is no phase "${name}"; did you mean "classifier"?`),
  path,
];
test.each<[string, object, unknown[][]]>([
  ['from', { from: 'clasifier' }, [unknownPhase('clasifier', 'phases.one.from')]],
  ['from, by module', { from: { encoder: 'clasifier' } }, [unknownPhase('clasifier', 'phases.one.from.encoder')]],
  ['like', { like: 'clasifier' }, [unknownPhase('clasifier', 'phases.one.like')]],
  ['gate', { gate: 'clasifier' }, [unknownPhase('clasifier', 'phases.one.gate')]],
  ['steps', { steps: { of: 'clasifier' } }, [unknownPhase('clasifier', 'phases.one.steps.of')]],
  [
    'a phase of another run that nobody loaded',
    { from: 'runs/a#classifier' },
    [['PROTOCOL_UNKNOWN_PHASE', expect.stringContaining('runs/a#classifier'), 'phases.one.from']],
  ],
  [
    'dataset',
    { on: 'rnsa' },
    [['PROTOCOL_UNKNOWN_DATASET', 'there is no dataset "rnsa"; did you mean "rsna"?', 'phases.one.on']],
  ],
  [
    'head',
    { train: ['encoder', 'dte'] },
    [['PROTOCOL_UNKNOWN_HEAD', 'the model has no head "dte"; did you mean "det"?', 'phases.one']],
  ],
  [
    'a name that every object has',
    { train: ['encoder', 'toString'] },
    [['PROTOCOL_UNKNOWN_HEAD', expect.stringContaining('no head "toString"'), 'phases.one']],
  ],
  [
    'options of a head that is not in the phase',
    { heads: { cls: {} } },
    [['PROTOCOL_UNKNOWN_HEAD', 'this phase has no head "cls"; known: det', 'phases.one.heads.cls']],
  ],
  [
    'freeze',
    { freeze: ['encodr'] },
    [['PROTOCOL_UNKNOWN_HEAD', '"encodr" names no module of this phase; did you mean "encoder"?', 'phases.one']],
  ],
  [
    'fresh',
    { fresh: ['cls.decision'] },
    [['PROTOCOL_UNKNOWN_HEAD', expect.stringContaining('"cls.decision" names no module'), 'phases.one']],
  ],
  [
    'a part of a head that has no decision layers',
    { fresh: ['det.decision'] },
    [['PROTOCOL_PHASE', expect.stringContaining('"det" has no decision layers'), 'phases.one']],
  ],
  [
    'a part of the encoder',
    { freeze: ['encoder.features'] },
    [['PROTOCOL_PHASE', expect.stringContaining('"encoder" has no decision layers'), 'phases.one']],
  ],
  [
    'a part that heads do not have',
    { freeze: ['det.dec'] },
    [['PROTOCOL_PHASE', '"det.dec": the parts of a head are decision and features (eq. 15)', 'phases.one']],
  ],
  [
    'weights',
    { weights: { dte: 2 } },
    [['PROTOCOL_UNKNOWN_HEAD', 'this phase has no head "dte"; did you mean "det"?', 'phases.one.weights.dte']],
  ],
  [
    'gate of a head that is not in the phase',
    { gate: { seg: 'gate' } },
    [['PROTOCOL_UNKNOWN_HEAD', 'this phase has no head "seg"; known: det', 'phases.one.gate.seg']],
  ],
  [
    'gate from a phase that trains none',
    { gate: 'classifier' },
    [['PROTOCOL_GATE', 'phase "classifier" trains no gate (train: [encoder, gate])', 'phases.one.gate']],
  ],
  [
    'own gate without cls',
    { gate: 'own' },
    [['PROTOCOL_GATE', 'gate "own" needs the head cls in this phase', 'phases.one.gate']],
  ],
  [
    'a module that the parent has not',
    { from: { det: 'classifier' } },
    [['PROTOCOL_FROM', 'phase "classifier" has no module "det"; it has encoder, cls', 'phases.one.from.det']],
  ],
  [
    'a parent that leaves no network',
    { from: 'folds' },
    [['PROTOCOL_FROM', expect.stringContaining('"folds" is cross-validated'), 'phases.one.from']],
  ],
  [
    'both ways of saying what trains',
    { schedule: { kind: 'joint', turns: [{ on: 'rsna', train: ['det'] }] } },
    [['PROTOCOL_PHASE', 'a phase has either train and on, or a schedule', 'phases.one']],
  ],
  [
    'nothing that gives a loss',
    { train: ['encoder'] },
    [['SCHEDULE_INVALID', expect.stringContaining('no head that gives a loss'), 'phases.one']],
  ],
])('refuses, before anything runs: %s', (_, words, wanted) => {
  const others = {
    classifier: cls,
    gate: { train: ['encoder', 'gate'], on: 'rsna' },
    folds: { ...det, crossValidate: { folds: 2, repeats: 1 } },
  };
  expect(problems({ one: { ...det, ...words }, ...others })).toEqual(wanted);
});

test('a schedule beside one half of the shorthand', () => {
  const schedule = { kind: 'joint', turns: [{ on: 'rsna', train: ['det'] }] };
  for (const half of [{ on: 'rsna' }, { train: ['det'] }])
    expect(problems({ one: { schedule, ...half } })).toEqual([
      ['PROTOCOL_PHASE', 'a phase has either train and on, or a schedule', 'phases.one'],
    ]);
});

test('neither train nor schedule; an unknown dataset of a turn; a fractional ratio; folds of two datasets', () => {
  expect(problems({ one: { steps: 3 } })).toEqual([
    ['PROTOCOL_PHASE', 'a phase needs train and on, or a schedule', 'phases.one'],
  ]);
  const turns = [
    { on: 'rsna', train: ['det'], ratio: 1.5 },
    { on: 'sim', train: ['det'] },
  ];
  expect(problems({ one: { schedule: { kind: 'alternating', turns }, crossValidate: 'auto' } })).toEqual([
    ['PROTOCOL_UNKNOWN_DATASET', 'there is no dataset "sim"; did you mean "siim"?', 'phases.one.schedule.turns[1].on'],
    ['SCHEDULE_INVALID', expect.stringContaining('1.5') as string, 'phases.one.schedule'],
    ['PROTOCOL_PHASE', 'cross-validation deals the folds of one dataset', 'phases.one.crossValidate'],
  ]);
});

test('a head must be able to do what the gate asks of it', () => {
  const model = { encoder: { kind: 'tiny' }, heads: { cls: { kind: 'bare' }, det: { kind: 'bare' } } };
  const one = { train: ['encoder', 'cls', 'det'], on: 'rsna', gate: 'own' };
  expect(problems({ one }, { model })).toEqual([
    ['PROTOCOL_GATE', 'head "det" cannot stand behind a gate: it has no empty(geometry)', 'phases.one.gate.det'],
    ['PROTOCOL_GATE', 'head "cls" cannot gate: it has no gateScore', 'phases.one.gate.det'],
  ]);
});

test('the heads of one batch have one gate', () => {
  const gate = { train: ['encoder', 'gate'], on: 'rsna' };
  const words = { gate: { det: 'g1', seg: 'g2' } };
  const turn = { on: 'rsna', train: ['det', 'seg'] };
  const several = ['PROTOCOL_GATE', 'the heads of one batch of "rsna" have several gates: g1, g2', 'phases.one.gate'];
  const of = (schedule: object): unknown => problems({ g1: gate, g2: gate, one: { ...words, schedule } });
  const apart = [
    { on: 'rsna', train: ['det'] },
    { on: 'rsna', train: ['seg'] },
  ];
  expect(of({ kind: 'alternating', turns: [turn] })).toEqual([several]);
  expect(of({ kind: 'joint', turns: apart })).toEqual([several]);
  expect(of({ kind: 'alternating', turns: apart })).toEqual([]);
});

test('weights of all phases name heads of the model', () => {
  expect(problems({ one: cls }, { defaults: { weights: { det: 2, sgi: 1, gate: 1 } } })).toEqual([
    ['PROTOCOL_UNKNOWN_HEAD', 'the model has no head "sgi"; known: cls, det, seg, gate', 'defaults.weights.sgi'],
  ]);
});

test('circles are found, however they close', () => {
  const cycle = (phases: object): string[] =>
    problems(phases)
      .filter(([code]) => code === 'PROTOCOL_CYCLE')
      .map(([, message]) => message);
  expect(cycle({ a: { ...cls, from: 'a' } })).toEqual(['phase "a" needs itself (through a)']);
  expect(
    cycle({ a: { ...cls, from: 'b' }, b: { ...cls, from: { cls: 'c' } }, c: { ...cls, steps: { of: 'a' } } }),
  ).toEqual(['phase "a" needs itself (through a -> b -> c)']);
  expect(cycle({ a: { like: 'b' }, b: { like: 'a' } })).toContain('phase "a" is like itself');
  expect(cycle({ a: { ...cls, like: 'a' } })).toEqual(['phase "a" is like itself']);
});

test.each([
  [{ '../../x': cls }, 'phases["../../x"]'],
  [{ 'a/b': cls }, 'phases["a/b"]'],
  [{ '': cls }, 'phases[""]'],
  [{ 'a#b': cls }, 'phases["a#b"]'],
])('a name that becomes a folder cannot leave it: %j', (phases, path) => {
  expect(problems(phases)).toEqual([['CONFIG_NAME', expect.stringContaining('cannot be a name here'), path]]);
});

test('names of heads and tables are checked too, and the encoder is no head', () => {
  const model = { encoder: { kind: 'tiny' }, heads: { encoder: { kind: 'cls' }, 'c.s': { kind: 'cls' } } };
  const tables = { 'a/b': { title: 'T', columns: {}, rows: [] } };
  expect(problems({ one: cls }, { model, tables }).map(([code, , path]) => [code, path])).toEqual([
    ['CONFIG_NAME', 'model.heads.encoder'],
    ['CONFIG_NAME', 'model.heads["c.s"]'],
    ['CONFIG_NAME', 'tables["a/b"]'],
  ]);
});

test('a head counted twice, and an encoder asked for a loss', () => {
  expect(problems({ one: { train: ['cls', 'cls'], on: 'rsna' } }).map(([code, , path]) => [code, path])).toEqual([
    ['CONFIG_VALUE', 'phases.one.train'],
  ]);
  const turns = [{ on: 'rsna', train: ['cls'], heads: ['encoder'] }];
  expect(problems({ one: { schedule: { kind: 'joint', turns } } })).toEqual([
    ['SCHEDULE_INVALID', expect.stringContaining('asks the encoder for a loss') as string, 'phases.one.schedule'],
  ]);
});

test('all problems are reported at once', () => {
  const found = problems({ a: { ...cls, from: 'x', on: 'y' }, b: { ...cls, freeze: ['z'] } });
  expect(found.map(([code]) => code)).toEqual([
    'PROTOCOL_UNKNOWN_DATASET',
    'PROTOCOL_UNKNOWN_PHASE',
    'PROTOCOL_UNKNOWN_HEAD',
  ]);
});

const external = (heads: ResolvedPhase['heads'], more: Partial<ResolvedPhase> = {}): ExternalPhase => ({
  phase: { ...phase(resolved({ old: cls }), 'old'), heads, ...more },
  encoder: resolved({ old: cls }).model.encoder,
  crop: 'none',
  hash: 'h',
  run: '/runs/a',
  name: 'old',
});

test('a phase of another run is a parent and a gate like any other', () => {
  const externals = new Map([
    ['runs/a#cls', external({ cls: { kind: 'cls' } })],
    ['runs/a#gate', external({ gate: { kind: 'cls' } })],
    ['runs/a#folds', external({ cls: { kind: 'cls' } }, { crossValidate: { folds: 5, repeats: 1 } })],
  ]);
  const one = { ...det, from: 'runs/a#cls', gate: 'runs/a#gate' };
  const { protocol, problems: none } = resolveProtocol({ ...base, phases: { one } }, registry, undefined, externals);
  expect(none).toEqual([]);
  expect(protocol?.phases.map(({ name }) => name)).toEqual(['one']);
  expect(protocol?.phases[0]).toMatchObject({ from: { encoder: 'runs/a#cls' }, gate: { det: 'runs/a#gate' } });
  expect(problems({ one: { ...det, gate: 'runs/a#cls' } }, {}, externals)[0]?.[0]).toBe('PROTOCOL_GATE');
  const other = new Map([['runs/a#cls', { ...external({ cls: { kind: 'cls' } }), encoder: { kind: 'other' } }]]);
  expect(problems({ one: { ...cls, from: 'runs/a#cls' } }, {}, other)).toEqual([
    ['PROTOCOL_ENCODER', expect.stringContaining('kind "other" there, "tiny" here') as string, 'phases.one.from'],
  ]);
  expect(problems({ one: { ...cls, from: 'runs/a#folds' } }, {}, externals)[0]?.[0]).toBe('PROTOCOL_FROM');
});

test('a gate of another run sees the images as it saw them in training', () => {
  const externals = new Map([['runs/a#gate', external({ gate: { kind: 'cls' } })]]);
  const phases = { one: { ...det, gate: 'runs/a#gate' } };
  expect(problems(phases, { preprocessing: { crop: 'none' } }, externals)).toEqual([]);
  expect(problems(phases, { preprocessing: { crop: 'borders' } }, externals)).toEqual([
    ['PROTOCOL_PREPROCESSING', expect.stringContaining('crop none, here it is borders') as string, 'phases.one.gate'],
  ]);
  expect(problems(phases, { preprocessing: { crop: 'lungs' } }, externals)).toHaveLength(1);
});

const table = (more: object = {}, row: object = {}): object => ({
  tables: {
    t: {
      title: 'T',
      columns: { AUROC: 'cls.auroc', 'A alone': 'cls.auroc/A' },
      rows: [{ label: 'one', phase: 'one', on: { cls: 'rsna' }, ...row }],
      ...more,
    },
  },
});
test.each<[string, object, unknown[][]]>([
  ['nothing wrong', table(), []],
  [
    'phase',
    table({}, { phase: 'two' }),
    [['PROTOCOL_UNKNOWN_PHASE', 'there is no phase "two"; known: one', 'tables.t.rows[0].phase']],
  ],
  [
    'head',
    table({}, { on: { det: 'rsna' } }),
    [['PROTOCOL_UNKNOWN_HEAD', 'phase "one" has no head "det"; known: cls', 'tables.t.rows[0].on.det']],
  ],
  [
    'dataset',
    table({}, { on: { cls: ['rsna', 'rnsa'] } }),
    [['PROTOCOL_UNKNOWN_DATASET', 'there is no dataset "rnsa"; did you mean "rsna"?', 'tables.t.rows[0].on.cls']],
  ],
  [
    'metric',
    table({ columns: { F1: 'cls.auorc' } }),
    [
      [
        'PROTOCOL_TABLE',
        'head "cls" of phase "one" has no metric "auorc" for column "F1"; did you mean "auroc"?',
        'tables.t.rows[0]',
      ],
    ],
  ],
  [
    'column without a metric',
    table({ columns: { F1: 'cls' } }),
    [['PROTOCOL_TABLE', 'a column is <head>.<metric>, got "cls"', 'tables.t.columns.F1']],
  ],
  [
    'column of a head that the model has not',
    table({ columns: { F1: 'clas.f1' } }),
    [['PROTOCOL_UNKNOWN_HEAD', 'the model has no head "clas"; did you mean "cls"?', 'tables.t.columns.F1']],
  ],
  [
    'against',
    table({}, { against: 'two' }),
    [['PROTOCOL_TABLE', 'there is no row "two" in this table; known: one', 'tables.t.rows[0].against']],
  ],
  [
    'the paper’s column',
    table({}, { paper: { AUROCC: '0.8' } }),
    [['PROTOCOL_TABLE', 'this table has no column "AUROCC"; did you mean "AUROC"?', 'tables.t.rows[0].paper.AUROCC']],
  ],
  [
    'two rows of one name',
    table({
      rows: [
        { label: 'x', phase: 'one', on: {} },
        { label: 'x', phase: 'one', on: {} },
      ],
    }),
    [['PROTOCOL_TABLE', 'two rows of this table are called "x"', 'tables.t.rows[1].label']],
  ],
])('tables are checked before the first phase: %s', (_, tables, wanted) => {
  expect(problems({ one: cls }, tables)).toEqual(wanted);
});

test('a table does not complain of a phase that is wrong itself', () => {
  expect(problems({ one: { ...cls, heads: { cls: { width: 'x' } } } }, table()).map(([code]) => code)).toEqual([
    'CONFIG_TYPE',
  ]);
  expect(problems({ one: { steps: 3 } }, table()).map(([code]) => code)).toEqual(['PROTOCOL_PHASE']);
});

test('what only the encoder itself can say of its options is a problem of the protocol', () => {
  const of = (encoder: object) =>
    resolveProtocol({ ...base, model: { ...base.model, encoder }, phases: { a: cls } }, registry);
  expect(of({ kind: 'tiny', size: 34 }).problems).toEqual([]);
  expect(of({ kind: 'tiny', size: 33 }).problems).toMatchObject([
    { code: 'ENCODER_SIZE', place: { path: 'model.encoder.size' } },
  ]);
});

test('folds are of patients or of sources, and of nothing else', () => {
  const folded = (group: string) => ({ a: { ...cls, crossValidate: { folds: 3, repeats: 2, group } } });
  for (const group of ['patient', 'source'])
    expect(phase(resolved(folded(group)), 'a').crossValidate).toEqual({ folds: 3, repeats: 2, group });
  expect(phase(resolved({ a: { ...cls, crossValidate: { folds: 3, repeats: 2 } } }), 'a').crossValidate).toEqual({
    folds: 3,
    repeats: 2,
  });
  const found = problems(folded('hospital'));
  expect(found.length).toBeGreaterThan(0);
  expect(found.some(([, , path]) => path?.startsWith('phases.a.crossValidate'))).toBe(true);
});
