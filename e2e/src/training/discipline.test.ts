import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, type NamedTensor, type RunRequest, type RunResult } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { resultFiles, runTiny, stepLogger, tinyProtocol, type Words } from './tiny-run.js';
import { useTinyData } from './use-tiny-data.js';

const tiny = useTinyData('discipline');

const run = (phases: Words, out: string, request: Partial<RunRequest> = {}, more: Words = {}): Promise<RunResult> =>
  runTiny(tiny.engine, tinyProtocol(tiny.data, phases, { workers: 0, ...more }), out, request);

async function read(
  out: string,
  phase: string,
  step: number,
  part = 'model',
): Promise<Readonly<Record<string, NamedTensor>>> {
  const name = `checkpoint-${String(step).padStart(8, '0')}`;
  return decodeSafetensors(await readFile(join(out, 'phases', phase, name, `${part}.safetensors`))).tensors;
}
const bytes = ({ data: values }: NamedTensor): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const same = (a: NamedTensor, b: NamedTensor): boolean => Buffer.compare(bytes(a), bytes(b)) === 0;

/** Stops a run after so many steps, as Ctrl-C does, then goes on with it. */
async function interrupted(phases: Words, steps: number): Promise<string> {
  const out = tiny.newRun();
  const controller = new AbortController();
  let seen = 0;
  const logger = stepLogger(() => ++seen === steps && controller.abort());
  await expect(run(phases, out, { signal: controller.signal, logger })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await run(phases, out, { resume: true });
  return out;
}

/** Files of both runs that differ. */
async function differing(a: string, b: string): Promise<string[]> {
  const [first, second] = [await resultFiles(a), await resultFiles(b)];
  const shared = Object.keys(first).filter((name) => second[name] !== undefined);
  expect(shared.length).toBeGreaterThan(5);
  return shared.filter((name) => first[name] !== second[name]);
}

const turns = [
  { on: 'one', train: ['encoder', 'cls'] },
  { on: 'two', train: ['encoder', 'seg'] },
];
const multi = (words: Words): Words => ({ multi: { schedule: { kind: 'alternating', turns }, steps: 9, ...words } });
const everything: Words = {
  accumulate: 2,
  clipNorm: 0.5,
  ema: 0.8,
  batchSize: 2,
  learningRate: { base: 0.02, kind: 'step', milestones: [3, 7], factor: 0.5, warmup: 2 },
  optimizer: { kind: 'adamw', weightDecay: 0.02 },
};

test('clipping, averages, micro-batches and milestones go on bit for bit', async () => {
  const whole = tiny.newRun();
  await run(multi(everything), whole);
  for (const steps of [1, 4, 7])
    expect(await differing(whole, await interrupted(multi(everything), steps))).toEqual([]);
});

test('checkpoints and evaluation have the averages; the weights themselves stay beside the moments until the end', async () => {
  const [averaged, plain] = [tiny.newRun(), tiny.newRun()];
  await run(multi({ ...everything, steps: 4 }), averaged);
  await run(multi({ ...everything, steps: 4, ema: 0 }), plain);
  const raw = await read(averaged, 'multi', 2, 'optimizer');
  const [average, weights] = [await read(averaged, 'multi', 2), await read(plain, 'multi', 2)];
  for (const [name, value] of Object.entries(weights))
    expect([name, same(raw[`${name}/raw`]!, value)]).toEqual([name, true]);
  expect(Object.keys(weights).filter((name) => !same(average[name]!, weights[name]!)).length).toBeGreaterThan(20);
  expect(Object.keys(await read(averaged, 'multi', 4, 'optimizer'))).toEqual([]);
  // A phase that starts from this one starts from what was evaluated, and a finished phase is measured with it again.
  const evaluation = await readFile(join(averaged, 'phases/multi/evaluation.json'), 'utf8');
  await rm(join(averaged, 'phases/multi/phase.json'));
  await run(multi({ ...everything, steps: 4 }), averaged, { resume: true });
  expect(await readFile(join(averaged, 'phases/multi/evaluation.json'), 'utf8')).toBe(evaluation);
  expect(await readFile(join(plain, 'phases/multi/evaluation.json'), 'utf8')).not.toBe(evaluation);
});

test('what is frozen keeps its weights, statistics and averages to the byte', async () => {
  const out = tiny.newRun();
  const first = { first: { train: ['encoder', 'cls'], on: 'one', steps: 4 } };
  const next = {
    ...everything,
    train: ['encoder', 'cls'],
    on: 'one',
    from: 'first',
    freeze: ['cls.features'],
    steps: 4,
  };
  const still = { ...next, train: ['encoder', 'cls'], freeze: ['cls'] };
  await run({ ...first, next, still }, out);
  const start = await read(out, 'first', 4);
  const kept = async (phase: string): Promise<string[]> => {
    const end = await read(out, phase, 4);
    return Object.keys(start).filter((name) => name.startsWith('cls/') && same(start[name]!, end[name]!));
  };
  const cls = Object.keys(start).filter((name) => name.startsWith('cls/'));
  expect(await kept('next')).toEqual(cls.filter((name) => !name.startsWith('cls/decision/')));
  expect(await kept('still')).toEqual(cls);
  const slots = Object.keys(await read(out, 'still', 2, 'optimizer')).filter((name) => name.startsWith('cls/'));
  expect(slots.every((name) => name.endsWith('/raw'))).toBe(true);
  expect(await readdir(join(out, 'phases/still'))).toContain('metrics.jsonl');
});

const diverging: Words = { train: ['encoder', 'cls'], on: 'one', optimizer: { kind: 'sgd' }, learningRate: 1e38 };

test('bad steps move nothing; so many in a row end the training, with the last good state kept and named', async () => {
  const out = tiny.newRun();
  const warnings: string[] = [];
  const logger = { ...stepLogger(() => undefined), warn: (message: string) => void warnings.push(message) };
  const failing = run({ one: { ...diverging, guard: 3, steps: 9 } }, out, { logger });
  const error = await failing.catch((thrown: unknown) => thrown as Error & { code: string; place: { file: string } });
  expect(error).toMatchObject({ code: 'TRAIN_DIVERGED' });
  const { message, place } = error as Error & { place: { file: string } };
  const last = Number(/the last at step (\d+)/.exec(message)?.[1]);
  expect(message).toMatch(
    /^phase "one": 3 steps in a row moved nothing, .*(loss cls@one|the gradients' norm) is (NaN|Infinity)/,
  );
  expect(message).toContain(place.file);
  expect(place.file).toContain(`checkpoint-0000000${last + 1}`);
  expect(warnings).toHaveLength(3);
  const kept = await read(out, 'one', last + 1);
  expect(Object.values(kept).every(({ data: values }) => values.every(Number.isFinite))).toBe(true);
  // No line of the history holds what is no number.
  const lines = (await readFile(join(out, 'phases/one/metrics.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([...Array(last + 1).keys()]);
  expect(lines.filter((line) => line.includes('"guard/skipped":1'))).toHaveLength(3);
});

test('without a guard the first loss that is no number ends the training', async () => {
  const failing = run({ one: { ...diverging, checkpointEvery: 1 } }, tiny.newRun());
  await expect(failing).rejects.toThrow(
    /is (NaN|Infinity) at step \d; the last checkpoint is .*checkpoint-0000000\d; lower/,
  );
});

test('a guard against spikes goes on bit for bit: its limits are made of the history', async () => {
  const phases = {
    one: {
      ...{ train: ['encoder', 'cls'], on: 'one', steps: 26, guard: { skips: 20, spike: 1.01 }, ema: 0.5 },
      optimizer: { kind: 'sgd', momentum: 0.9 },
    },
  };
  const whole = tiny.newRun();
  await run(phases, whole);
  const history = await readFile(join(whole, 'phases/one/metrics.jsonl'), 'utf8');
  const skipped = history
    .trim()
    .split('\n')
    .filter((line) => line.includes('skipped'));
  expect(skipped.length).toBeGreaterThan(2);
  expect(skipped.length).toBeLessThan(16);
  for (const steps of [5, 19]) expect(await differing(whole, await interrupted(phases, steps))).toEqual([]);
});

test.each(['uncertainty', 'dwa', 'gradnorm', 'pcgrad'])(
  'with %s too a head that gives a loss without moving keeps weights, moments, statistics and averages to the byte',
  async (kind) => {
    const out = tiny.newRun();
    const turn = { on: 'two', train: ['encoder', 'cls'], heads: ['cls', 'seg'] };
    const phases = {
      first: { schedule: { kind: 'joint', turns: [{ on: 'two', train: ['encoder', 'cls', 'seg'] }] }, steps: 3 },
      next: {
        ...{ schedule: { kind: 'alternating', turns: [turn] }, from: 'first', weighting: { kind }, logGradients: 2 },
        ...{ clipNorm: 0.5, ema: 0.8, guard: 2, accumulate: 2, batchSize: 2, steps: 4 },
      },
    };
    await run(phases, out);
    const [start, end] = [await read(out, 'first', 3), await read(out, 'next', 4)];
    const seg = Object.keys(start).filter((name) => name.startsWith('seg/'));
    expect(seg.filter((name) => !same(start[name]!, end[name]!))).toEqual([]);
    expect(Object.keys(start).filter((name) => !same(start[name]!, end[name]!)).length).toBeGreaterThan(10);
    const slots = await read(out, 'next', 2, 'optimizer');
    expect(Object.keys(slots).filter((name) => name.startsWith('seg/') && !name.endsWith('/raw'))).toEqual([]);
    for (const name of seg) expect(same(slots[`${name}/raw`]!, start[name]!)).toBe(true);
  },
);

const joint = (words: Words): Words => ({
  joint: {
    schedule: {
      kind: 'joint',
      turns: [
        { on: 'one', train: ['encoder', 'cls'] },
        { on: 'two', train: ['encoder', 'seg'] },
      ],
    },
    ...{ steps: 8, logGradients: 3, accumulate: 2, batchSize: 2, ema: 0.5, guard: 2, ...words },
  },
});

test.each([{ kind: 'uncertainty' }, { kind: 'dwa', every: 2 }, { kind: 'gradnorm' }, { kind: 'pcgrad' }])(
  '$kind goes on bit for bit, its own numbers and windows too',
  async (weighting) => {
    const whole = tiny.newRun();
    await run(joint({ weighting }), whole);
    for (const steps of [3, 5])
      expect(await differing(whole, await interrupted(joint({ weighting }), steps))).toEqual([]);
    const lines = (await readFile(join(whole, 'phases/joint/metrics.jsonl'), 'utf8')).trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Record<string, number>);
    const logged = entries.filter((entry) => entry['gradient/cosine/cls@one,seg@two'] !== undefined);
    expect(logged.map(({ step }) => step)).toEqual([0, 3, 6]);
    for (const entry of logged) expect(Math.abs(entry['gradient/cosine/cls@one,seg@two']!)).toBeLessThanOrEqual(1);
    // The numbers of a weighting are no weights: nobody who reads a model meets them.
    expect(Object.keys(await read(whole, 'joint', 8)).filter((name) => name.startsWith('weighting'))).toEqual([]);
    const slots = Object.keys(await read(whole, 'joint', 6, 'optimizer')).filter((name) =>
      name.startsWith('weighting'),
    );
    expect(slots.length > 0).toBe(['uncertainty', 'gradnorm'].includes(weighting.kind));
  },
);

const selecting = (words: Words = {}): Words => ({
  one: {
    ...{ train: ['encoder', 'cls'], on: 'one', steps: 16, checkpointEvery: 4, ema: 0.5 },
    ...{ select: { metric: 'cls.auroc', on: 'one', every: 2 }, learningRate: 0.02, ...words },
  },
});
interface Chosen {
  readonly best: { readonly steps: number; readonly value: number };
  readonly steps: number;
  readonly stopped: boolean;
}
const chosen = async (out: string): Promise<Chosen> =>
  JSON.parse(await readFile(join(out, 'phases/one/selection.json'), 'utf8')) as Chosen;
const historyOf = async (out: string): Promise<Record<string, number>[]> =>
  (await readFile(join(out, 'phases/one/metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);

test('the weights that were best on the validation part are those that stay', async () => {
  const out = tiny.newRun();
  await run(selecting(), out);
  const validations = (await historyOf(out)).filter((entry) => entry['validation/cls.auroc'] !== undefined);
  expect(validations.map(({ step }) => step)).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
  const values = validations.map((entry) => entry['validation/cls.auroc']!);
  const { best, steps, stopped } = await chosen(out);
  expect([steps, stopped]).toEqual([16, false]);
  expect(best.value).toBe(Math.max(...values));
  expect(best.steps).toBe(2 * (values.indexOf(best.value) + 1));
  // The end of the training is the training that ended there.
  const short = tiny.newRun();
  await run(selecting({ select: undefined, steps: best.steps }), short);
  const [kept, wanted] = [await read(out, 'one', 16), await read(short, 'one', best.steps)];
  for (const [name, value] of Object.entries(wanted)) expect([name, same(kept[name]!, value)]).toEqual([name, true]);
  expect(await readFile(join(out, 'phases/one/evaluation.json'), 'utf8')).toBe(
    await readFile(join(short, 'phases/one/evaluation.json'), 'utf8'),
  );
  expect(Object.keys(await read(out, 'one', 16, 'optimizer'))).toEqual([]);
  expect(await readdir(join(out, 'phases/one'))).not.toContain('best');
});

test('a training ends when no better value comes, is then done, and goes on bit for bit', async () => {
  const words = {
    select: { metric: 'cls.auroc', on: 'one', every: 2, patience: 2 },
    ...{ steps: 60, learningRate: { base: 0.05, kind: 'plateau', patience: 0, factor: 0.5 } },
  };
  const whole = tiny.newRun();
  const result = await run(selecting(words), whole);
  const { best, steps, stopped } = await chosen(whole);
  expect(result.phases[0]).toMatchObject({ steps, selected: { metric: 'cls.auroc', best, stopped: true } });
  expect([steps, stopped]).toEqual([best.steps + 4, true]);
  expect(steps).toBeLessThan(60);
  for (const at of [3, steps - 1]) expect(await differing(whole, await interrupted(selecting(words), at))).toEqual([]);
  // Done is done.
  await rm(join(whole, 'phases/one/phase.json'));
  const seen: number[] = [];
  const evaluation = await readFile(join(whole, 'phases/one/evaluation.json'), 'utf8');
  await run(selecting(words), whole, { resume: true, logger: stepLogger((_, done) => seen.push(done)) });
  expect(seen).toEqual([]);
  expect(await readFile(join(whole, 'phases/one/evaluation.json'), 'utf8')).toBe(evaluation);
});

test('a plateau lowers the rate by the validations, and only then', async () => {
  const plateau = (factor: number): Words =>
    selecting({ steps: 12, learningRate: { base: 0.05, kind: 'plateau', patience: 0, factor } });
  const [low, lower, constant] = [tiny.newRun(), tiny.newRun(), tiny.newRun()];
  await run(plateau(0.5), low);
  await run(plateau(0.01), lower);
  await run(selecting({ steps: 12, learningRate: 0.05 }), constant);
  const totals = async (out: string) => (await historyOf(out)).map(({ total }) => total);
  const [a, b, c] = [await totals(low), await totals(lower), await totals(constant)];
  const values = (await historyOf(constant)).flatMap((entry) => entry['validation/cls.auroc'] ?? []);
  const first = values.findIndex((value, i) => i > 0 && value <= Math.max(...values.slice(0, i)) * (1 + 1e-4));
  expect(first).toBeGreaterThan(0);
  // The step after the first validation that is no better is the first whose rate differs; the one after shows it in its loss.
  const same = 2 * (first + 1) + 1;
  expect([a.slice(0, same), b.slice(0, same)]).toEqual([c.slice(0, same), c.slice(0, same)]);
  expect(a[same]).not.toBe(b[same]);
  expect(a[same]).not.toBe(c[same]);
});

test('TensorBoard finds the numbers of every step, one file for every process that trained', async () => {
  const out = await interrupted(selecting({ steps: 6 }), 3);
  const files = (await readdir(join(out, 'phases/one/tb'))).sort();
  expect(files.length).toBeGreaterThan(0);
  const bytes = Buffer.concat(await Promise.all(files.map((file) => readFile(join(out, 'phases/one/tb', file)))));
  for (const tag of ['loss/total', 'loss/cls@one', 'learning_rate', 'validation/cls.auroc'])
    expect(bytes.includes(tag)).toBe(true);
});

test('words that do not fit together are refused before training', async () => {
  const milestones = multi({ learningRate: { kind: 'step' } });
  await expect(run(milestones, tiny.newRun())).rejects.toMatchObject({
    code: 'PROTOCOL_PHASE',
    place: { path: 'phases.multi.learningRate.milestones' },
  });
  const refused: [Words, string, string][] = [
    [{ select: { metric: 'cls.auroc', on: 'three' } }, 'select.on', 'no turn of this phase is on "three"'],
    [
      { select: { metric: 'sge.area', on: 'two' } },
      'select.metric',
      'this phase has no head "sge"; did you mean "seg"',
    ],
    [{ select: { metric: 'cls.auc', on: 'one' } }, 'select.metric', 'head "cls" has no metric "auc"'],
    [{ learningRate: { kind: 'plateau' } }, 'learningRate.kind', 'needs select'],
  ];
  for (const [words, path, message] of refused)
    await expect(run(multi(words), tiny.newRun())).rejects.toMatchObject({
      code: 'PROTOCOL_PHASE',
      message: expect.stringContaining(message) as string,
      place: { path: `phases.multi.${path}` },
    });
  for (const kind of ['uncertainty', 'dwa', 'gradnorm', 'pcgrad'])
    await expect(run(multi({ weighting: { kind } }), tiny.newRun())).rejects.toMatchObject({
      code: 'PROTOCOL_PHASE',
      message: expect.stringContaining('no turn of this schedule has several') as string,
      place: { path: 'phases.multi.weighting.kind' },
    });
  await expect(run(multi({ guard: { spike: 3 } }), tiny.newRun())).rejects.toMatchObject({
    code: 'PROTOCOL_PHASE',
    place: { path: 'phases.multi.guard.spike' },
  });
});
