import {
  createTrainStep,
  encodeBatch,
  labelledInput,
  ModelPool,
  readParameters,
  type Batch,
  type Engine,
  type HeadModule,
  type Optimizer,
  type OptimizerConfig,
  type PreparedImage,
  type TrainStep,
  type TrainStepConfig,
  type Turn,
} from '@multichexnet/core';
import { createRandom } from '@multichexnet/imaging';
import { needEngine } from '@multichexnet/testing';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { SIDE } from './tiny-data.js';
import { registry } from './tiny-plugins.js';

let engine: Engine;
beforeEach(async (context) => {
  engine = await needEngine(context);
});

type Values = Record<string, Float32Array>;

/** A network of the tiny plugins with one optimizer, and steps on it. */
class Bench {
  readonly pool: ModelPool;
  readonly heads: Readonly<Record<string, HeadModule>>;
  readonly optimizer: Optimizer;
  private readonly steps: TrainStep[] = [];

  constructor(optimizer: OptimizerConfig, cls: object = {}) {
    this.pool = new ModelPool(engine, registry, { kind: 'tiny' }, 11);
    this.heads = {
      cls: this.pool.head('cls', { kind: 'cls', classes: ['A', 'B'], norm: true, dropout: 0.2, ...cls }),
      seg: this.pool.head('seg', { kind: 'map' }),
    };
    this.optimizer = engine.createOptimizer(optimizer);
    onTestFinished(() => {
      for (const step of this.steps) step.dispose();
      this.optimizer.dispose();
      this.pool.dispose();
    });
  }

  step(turn: Omit<Turn, 'visits'>, more: Partial<TrainStepConfig> = {}): TrainStep {
    const step = createTrainStep({
      engine,
      encoder: this.pool.encoder,
      heads: this.heads,
      optimizer: this.optimizer,
      turn,
      weights: {},
      frozen: () => false,
      batchNorm: 'separate',
      ...more,
    });
    this.steps.push(step);
    return step;
  }

  get parameters(): HeadModule['parameters'] {
    return [this.pool.encoder, ...Object.values(this.heads)].flatMap((module) => module.parameters);
  }

  async values(): Promise<Values> {
    const read = await readParameters(this.parameters);
    return Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, data]));
  }

  /** Moments and step counts by the stable name of their parameter. */
  async moments(): Promise<Values> {
    const names = new Map(this.parameters.map(({ resource, name }) => [resource, name]));
    const state = await this.optimizer.state();
    return Object.fromEntries(
      Object.entries(state).map(([key, { data }]) => {
        const slash = key.lastIndexOf('/');
        return [`${names.get(key.slice(0, slash))}${key.slice(slash)}`, data];
      }),
    );
  }

  batch(images: readonly PreparedImage[], ...heads: string[]): Batch {
    const pixels = Float32Array.from(images.flatMap((image) => [...image.pixels].map((value) => value / 255)));
    return encodeBatch(
      pixels,
      images.map(labelledInput),
      Object.fromEntries(heads.map((name) => [name, this.heads[name]!])),
    );
  }
}

/** Noise with labels drawn from the seed; `findings` replaces what is known. */
function image(seed: number, findings?: Record<string, boolean>): PreparedImage {
  const random = createRandom(seed, 'image');
  const mask = Uint8Array.from({ length: SIDE * SIDE }, () => Number(random.uniform() < 0.3));
  return {
    sample: {
      dataset: 'one',
      id: `${seed}`,
      image: '',
      patient: { key: `${seed}` },
      split: 'train',
      labels: { findings: findings ?? { A: seed % 2 === 0, B: seed % 3 === 0 } },
    },
    pixels: Uint8Array.from(mask, (inside) => Math.round(random.uniform(0, 120) + 120 * inside)),
    size: SIDE,
    width: SIDE,
    height: SIDE,
    mask,
  };
}
const images = (from: number, count = 4): PreparedImage[] => Array.from({ length: count }, (_, i) => image(from + i));
const at = (step: number, learningRate = 0.01) => ({ seed: 5, step, learningRate });

/** Names whose bytes differ. */
function changed(before: Values, after: Values): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !before[name] || !after[name] || Buffer.compare(bytes(before[name]), bytes(after[name])) !== 0)
    .sort();
}
const bytes = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const ofModule = (values: Values, ...modules: string[]): string[] =>
  Object.keys(values)
    .filter((name) => modules.includes(name.split('/')[0]!))
    .sort();

const rsna = { parts: [{ dataset: 'one', heads: ['cls'] }], train: ['encoder', 'cls'] };
const siim = { parts: [{ dataset: 'two', heads: ['seg'] }], train: ['encoder', 'seg'] };

test('an alternating schedule leaves the absent head byte-identical: parameters, moments, statistics', async () => {
  const bench = new Bench({ kind: 'adam' });
  const [one, two] = [bench.step(rsna), bench.step(siim)];
  await one.run([bench.batch(images(0), 'cls')], at(0));
  await two.run([bench.batch(images(10), 'seg')], at(1));
  for (let step = 2; step < 8; step++) {
    const [values, moments] = [await bench.values(), await bench.moments()];
    const turnOfOne = step % 2 === 0;
    await (turnOfOne
      ? one.run([bench.batch(images(step * 10), 'cls')], at(step))
      : two.run([bench.batch(images(step * 10), 'seg')], at(step)));
    const own = turnOfOne ? 'cls' : 'seg';
    const moved = changed(values, await bench.values());
    expect(moved).toEqual(ofModule(values, 'encoder', own));
    expect(changed(moments, await bench.moments())).toEqual(ofModule(moments, 'encoder', own));
  }
  const counts = await bench.moments();
  const steps = Object.fromEntries(
    Object.entries(counts)
      .filter(([name]) => name.endsWith('/steps'))
      .map(([name, [count]]) => [name.split('/')[0]!, count]),
  );
  expect(steps).toEqual({ encoder: 8, cls: 4, seg: 4 });
});

test('a head that gives a loss without moving passes gradients on and stays as it is', async () => {
  const bench = new Bench({ kind: 'adam' });
  const before = await bench.values();
  await bench.step({ parts: rsna.parts, train: ['encoder'] }).run([bench.batch(images(0), 'cls')], at(0));
  expect(changed(before, await bench.values())).toEqual(ofModule(before, 'encoder'));
});

test('of a module that trains a frozen part stays byte-identical, its batch-norm statistics too', async () => {
  const bench = new Bench({ kind: 'adam' });
  const before = await bench.values();
  const frozen: TrainStepConfig['frozen'] = (parameter) => parameter.name.startsWith('cls/') && !parameter.decision;
  await bench.step(rsna, { frozen }).run([bench.batch(images(0), 'cls')], at(0));
  const decision = ofModule(before, 'cls').filter((name) => name.startsWith('cls/decision/'));
  expect(decision).toHaveLength(2);
  expect(changed(before, await bench.values())).toEqual([...ofModule(before, 'encoder'), ...decision].sort());
  const slots = await bench.moments();
  expect([...new Set(ofModule(slots, 'cls').map((name) => name.split('/')[1]))]).toEqual(['decision']);
});

test('a module whose every parameter is frozen runs as at inference', async () => {
  const bench = new Bench({ kind: 'adam' });
  const before = await bench.values();
  const frozen: TrainStepConfig['frozen'] = (parameter) => parameter.name.startsWith('encoder/');
  await bench.step(rsna, { frozen }).run([bench.batch(images(0), 'cls')], at(0));
  expect(changed(before, await bench.values())).toEqual(ofModule(before, 'cls'));
});

/** With plain SGD at rate 1 a step moves each parameter by minus its gradient. */
async function gradients(
  turn: Omit<Turn, 'visits'>,
  batches: readonly (readonly [PreparedImage[], ...string[]])[],
  more: Partial<TrainStepConfig> = {},
  cls: object = {},
): Promise<{ values: Values; losses: Record<string, number> }> {
  const bench = new Bench({ kind: 'sgd' }, cls);
  const before = await bench.values();
  const losses = await bench.step(turn, more).run(
    batches.map(([own, ...heads]) => bench.batch(own, ...heads)),
    at(0, 1),
  );
  const after = await bench.values();
  const trainable = bench.parameters.filter((parameter) => parameter.trainable).map(({ name }) => name);
  return {
    values: Object.fromEntries(
      trainable.map((name) => [name, before[name]!.map((value, i) => value - after[name]![i]!)]),
    ),
    losses,
  };
}

const joint = {
  parts: [
    { dataset: 'one', heads: ['cls', 'seg'] },
    { dataset: 'two', heads: ['cls', 'seg'] },
  ],
  train: ['encoder', 'cls', 'seg'],
};
const single = (dataset: string): Omit<Turn, 'visits'> => ({
  parts: [{ dataset, heads: ['cls', 'seg'] }],
  train: joint.train,
});
const [first, second] = [images(20), images(30)];

test('the gradient of a joint step is the sum of the single ones (eq. 8), weights included', async () => {
  const weights = { cls: 0.5, seg: 2 };
  const both = await gradients(
    joint,
    [
      [first, 'cls', 'seg'],
      [second, 'cls', 'seg'],
    ],
    { weights },
  );
  const one = await gradients(single('one'), [[first, 'cls', 'seg']], { weights });
  const two = await gradients(single('two'), [[second, 'cls', 'seg']], { weights });
  const { total: total, ...losses } = both.losses;
  expect(losses).toEqual({
    'cls@one': one.losses['cls@one'],
    'seg@one': one.losses['seg@one'],
    'cls@two': two.losses['cls@two'],
    'seg@two': two.losses['seg@two'],
  });
  expect(total).toBeCloseTo(
    0.5 * (losses['cls@one']! + losses['cls@two']!) + 2 * (losses['seg@one']! + losses['seg@two']!),
    5,
  );
  let largest = 0;
  for (const [name, gradient] of Object.entries(both.values))
    gradient.forEach((value, i) => {
      const sum = one.values[name]![i]! + two.values[name]![i]!;
      largest = Math.max(largest, Math.abs(sum));
      expect(Math.abs(value - sum), name).toBeLessThan(1e-5 + 1e-4 * Math.abs(sum));
    });
  expect(largest).toBeGreaterThan(0.01);
});

test('batch norm over all images together is another step, and works', async () => {
  const batches = [
    [first, 'cls', 'seg'],
    [second, 'cls', 'seg'],
  ] as const;
  const separate = await gradients(
    joint,
    batches.map(([own, ...heads]) => [own, ...heads]),
  );
  const together = await gradients(
    joint,
    batches.map(([own, ...heads]) => [own, ...heads]),
    { batchNorm: 'together' },
  );
  expect(Object.values(together.losses).every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
  expect(changed(separate.values, together.values)).toContain('encoder/conv1/kernel');
  // Equal batches have equal statistics, so that both ways agree on the encoder.
  const same = [
    [first, 'cls', 'seg'],
    [first, 'cls', 'seg'],
  ] as const;
  const [a, b] = [
    await gradients(
      joint,
      same.map(([own, ...heads]) => [own, ...heads]),
    ),
    await gradients(
      joint,
      same.map(([own, ...heads]) => [own, ...heads]),
      { batchNorm: 'together' },
    ),
  ];
  for (const [name, gradient] of Object.entries(a.values))
    gradient.forEach((value, i) => expect(Math.abs(value - b.values[name]![i]!), name).toBeLessThan(1e-4));
});

const still: Partial<TrainStepConfig> = { frozen: (parameter) => parameter.name.startsWith('encoder/') };
const plain = { norm: false };

test('an image whose label is unknown contributes nothing', async () => {
  const known = images(0, 3);
  const withUnknown = (unknown: PreparedImage) => gradients(rsna, [[[...known, unknown], 'cls']], still, plain);
  const [a, b] = [await withUnknown(image(50, {})), await withUnknown(image(51, {}))];
  expect(changed(a.values, b.values)).toEqual([]);
  expect(a.losses).toEqual(b.losses);
  const c = await withUnknown(image(50, { A: true, B: true }));
  expect(changed(a.values, c.values)).toContain('cls/decision/kernel');
  // the mean is over what is known: the same as without the image, but for the dropout mask's shape
  const alone = await gradients(rsna, [[known, 'cls']], still, { ...plain, dropout: 0 });
  const beside = await gradients(rsna, [[[...known, image(50, {})], 'cls']], still, { ...plain, dropout: 0 });
  expect(beside.losses['cls@one']).toBeCloseTo(alone.losses['cls@one']!, 6);
});

test('a class that nobody knows of gets no gradient; a batch of nothing known has loss 0 and moves nothing', async () => {
  const half = [0, 1, 2, 3].map((seed) => image(seed, { A: seed % 2 === 0 }));
  const { values } = await gradients(rsna, [[half, 'cls']], still, plain);
  const kernel = values['cls/decision/kernel']!; // [6, 2]: columns A, B
  expect([...kernel].filter((_, i) => i % 2 === 1).every((value) => value === 0)).toBe(true);
  expect([...kernel].some((value) => value !== 0)).toBe(true);
  expect(values['cls/decision/bias']![1]).toBe(0);

  const none = await gradients(rsna, [[[image(1, {}), image(2, {})], 'cls']], {}, plain);
  expect(none.losses).toEqual({ total: 0, 'cls@one': 0 });
  for (const [name, gradient] of Object.entries(none.values))
    expect([name, gradient.every((value) => value === 0)]).toEqual([name, true]);
});

test('known and unknown classes of one batch are as two batches of single classes', async () => {
  const mixed = [image(0, { A: true }), image(1, { B: false }), image(2, { A: false, B: true }), image(3, {})];
  const only = (name: string) =>
    mixed.map((one, i) => {
      const { findings } = one.sample.labels;
      return image(i, name in findings ? { [name]: findings[name]! } : {});
    });
  const all = await gradients(rsna, [[mixed, 'cls']], still, plain);
  const [a, b] = [
    await gradients(rsna, [[only('A'), 'cls']], still, plain),
    await gradients(rsna, [[only('B'), 'cls']], still, plain),
  ];
  // means over known entries: 2 of A and 2 of B
  for (const [name, gradient] of Object.entries(all.values).filter(([key]) => key.startsWith('cls/')))
    gradient.forEach((value, i) => expect(value, name).toBeCloseTo((a.values[name]![i]! + b.values[name]![i]!) / 2, 6));
});

test('a step is traced once however often it runs, and leaves nothing behind', async () => {
  const bench = new Bench({ kind: 'adam' });
  const step = bench.step(rsna);
  const batch = bench.batch(images(0), 'cls');
  const first = await step.run([batch], at(0));
  for (let i = 1; i < 5; i++) await step.run([batch], at(i));
  const before = engine.memory();
  let last = first;
  for (let i = 5; i < 40; i++) last = await step.run([batch], at(i));
  expect(engine.memory()).toEqual(before);
  expect(last['total']!).toBeLessThan(first['total']!);
});
