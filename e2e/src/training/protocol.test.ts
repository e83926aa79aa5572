import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  isMultichexnetError,
  type GateScores,
  type NamedTensor,
  type PhaseEvaluations,
  type RunRequest,
  type RunResult,
} from '@multichexnet/core';
import { beforeEach, expect, test } from 'vitest';
import { writeTinyData } from './tiny-data.js';
import { drawn } from './tiny-plugins.js';
import { resultFiles, runTiny, stepLogger, tinyProtocol, type Words } from './tiny-run.js';
import { useTinyData } from './use-tiny-data.js';

const tiny = useTinyData('training');
beforeEach(() => {
  drawn.ids = undefined;
  drawn.classified = undefined;
});

const run = (phases: Words, out: string, more: Words = {}, request: Partial<RunRequest> = {}): Promise<RunResult> =>
  runTiny(tiny.engine, tinyProtocol(tiny.data, phases, more), out, request);

type Tensors = Record<string, NamedTensor>;
/** Parameters, or moments, of a checkpoint; the newest by default. */
async function read(
  out: string,
  phase: string,
  part: 'model' | 'optimizer' = 'model',
  step?: number,
): Promise<Tensors> {
  const base = join(out, 'phases', phase);
  const names = (await readdir(base)).filter((name) => name.startsWith('checkpoint-')).sort();
  const name = step === undefined ? names.at(-1)! : `checkpoint-${String(step).padStart(8, '0')}`;
  return decodeSafetensors(await readFile(join(base, name, `${part}.safetensors`))).tensors;
}
const json = async <T>(...path: string[]): Promise<T> => JSON.parse(await readFile(join(...path), 'utf8')) as T;

function changed(before: Tensors, after: Tensors): string[] {
  const bytes = ({ data: values }: NamedTensor): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Object.keys(before)
    .filter((name) => after[name] === undefined || Buffer.compare(bytes(before[name]!), bytes(after[name])) !== 0)
    .sort();
}
const ofModule = (values: Tensors, prefix: string): string[] =>
  Object.keys(values)
    .filter((name) => name.startsWith(prefix))
    .sort();

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isMultichexnetError(error)) throw new Error('no coded error', { cause: error });
  return error.code;
}

/** Aborts a run after so many steps in all. */
function abortAfter(steps: number): Pick<RunRequest, 'signal' | 'logger'> {
  const controller = new AbortController();
  let seen = 0;
  return { signal: controller.signal, logger: stepLogger(() => ++seen === steps && controller.abort()) };
}

const alternating = {
  kind: 'alternating',
  turns: [
    { on: 'one', train: ['encoder', 'cls'] },
    { on: 'two', train: ['encoder', 'seg'] },
  ],
};
const table = (phase: string, on: Words, columns: Words = { A: 'cls.auroc' }): Words => ({
  tables: { t: { title: 'T', columns, rows: [{ label: phase, phase, on }] } },
});

test('freeze words hold what they name: the encoder; the features of a head, statistics and moments too', async () => {
  const out = tiny.newRun();
  const request = abortAfter(3 * 6 + 4);
  const code = await codeOf(
    run(
      {
        first: { train: ['encoder', 'cls'], on: 'one' },
        encoder: { train: ['encoder', 'cls'], on: 'one', from: 'first', freeze: ['encoder'] },
        features: { train: ['encoder', 'cls'], on: 'one', from: 'first', freeze: ['cls.features'] },
        stopped: { train: ['encoder', 'cls'], on: 'one', from: 'first', freeze: ['cls.features'] },
      },
      out,
      {},
      request,
    ),
  );
  expect(code).toBe('INTERRUPTED');
  const first = await read(out, 'first');
  expect(changed(first, await read(out, 'encoder'))).toEqual(ofModule(first, 'cls/'));
  const decision = ofModule(first, 'cls/decision/');
  expect(decision).toHaveLength(2);
  expect(changed(first, await read(out, 'features'))).toEqual([...decision, ...ofModule(first, 'encoder/')].sort());
  const moments = await read(out, 'stopped', 'optimizer', 4);
  expect(ofModule(moments, 'cls/').every((name) => name.startsWith('cls/decision/'))).toBe(true);
  expect(ofModule(moments, 'cls/').length).toBeGreaterThan(0);
  expect(ofModule(moments, 'encoder/').length).toBeGreaterThan(0);
});

test('fresh words start anew what `from` would have carried over', async () => {
  const out = tiny.newRun();
  const still = {
    learningRate: 1e-30,
    optimizer: { kind: 'sgd' },
    steps: 1,
    from: 'first',
    train: ['encoder', 'cls'],
    on: 'one',
  };
  await run(
    { first: { train: ['encoder', 'cls'], on: 'one' }, kept: still, fresh: { ...still, fresh: ['cls.decision'] } },
    out,
  );
  const trainable = (values: Tensors): Tensors =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !name.includes('moving')));
  const first = trainable(await read(out, 'first'));
  expect(changed(first, await read(out, 'kept'))).toEqual([]);
  expect(changed(first, await read(out, 'fresh'))).toEqual(ofModule(first, 'cls/decision/'));
});

const threePhases: Words = {
  classifier: { train: ['encoder', 'cls'], on: 'one' },
  gate: { train: ['encoder', 'gate'], on: 'two', from: 'classifier', positivePortion: 0.5 },
  multi: {
    schedule: alternating,
    from: 'classifier',
    gate: { seg: 'gate' },
    steps: 9,
    teacherForcing: { probability: 0.6, per: 'sample', negatives: 0.2 },
    augment: { flip: true, rotate: 10, gamma: 0.2 },
    learningRate: { base: 0.02, kind: 'cosine', warmup: 3 },
  },
};
const threeTables: Words = {
  tables: {
    t: {
      title: 'T',
      columns: { A: 'cls.auroc', S: 'seg.area' },
      rows: [
        { label: 'classifier', phase: 'classifier', on: { cls: 'one' } },
        { label: 'multi', phase: 'multi', on: { cls: ['one', 'two'], seg: 'two' } },
        { label: 'oracle', phase: 'multi', on: { seg: 'two' }, gate: 'oracle', against: 'multi' },
        { label: 'open', phase: 'multi', on: { seg: 'two' }, gate: 'none' },
      ],
    },
  },
};

test('an interrupted run goes on bit for bit: parameters, moments, histories, tables', async () => {
  const whole = tiny.newRun();
  const result = await run(threePhases, whole, threeTables);
  expect(result.phases.map(({ name, steps }) => [name, steps])).toEqual([
    ['classifier', 6],
    ['gate', 6],
    ['multi', 9],
  ]);
  const wanted = await resultFiles(whole);
  // The newest two checkpoints, of which the older one has its moments.
  expect(Object.keys(wanted)).toContain('phases/multi/checkpoint-00000008/optimizer.safetensors');
  expect(Object.keys(await read(whole, 'multi', 'optimizer', 8)).length).toBeGreaterThan(20);

  for (const steps of [3, 13, 19]) {
    const out = tiny.newRun();
    expect(await codeOf(run(threePhases, out, threeTables, abortAfter(steps)))).toBe('INTERRUPTED');
    const seen: string[] = [];
    const resumed = await run(threePhases, out, threeTables, {
      resume: true,
      logger: stepLogger((phase) => seen.push(phase)),
    });
    expect(seen).toHaveLength(21 - steps);
    expect([steps, differing(wanted, await resultFiles(out))]).toEqual([steps, []]);
    expect(resumed.tables).toEqual(result.tables);
  }
});

test('a run that crashed between checkpoints goes on from the newest one', async () => {
  const whole = tiny.newRun();
  await run(threePhases, whole, threeTables);
  const out = tiny.newRun();
  let seen = 0;
  const logger = stepLogger(() => {
    if (++seen === 6 + 6 + 5) throw new Error('crash');
  });
  await expect(run(threePhases, out, threeTables, { logger })).rejects.toThrow('crash');
  const steps: number[] = [];
  await run(threePhases, out, threeTables, { resume: true, logger: stepLogger((_, done) => steps.push(done)) });
  expect(steps).toEqual([5, 6, 7, 8, 9]);
  expect(differing(await resultFiles(whole), await resultFiles(out))).toEqual([]);
});

/** Files that differ; a checkpoint at the step of an interruption may be there in one run alone, where two newer ones have not replaced it yet. */
function differing(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) =>
      a[name] !== b[name] && !(name.includes('/checkpoint-') && (a[name] === undefined || b[name] === undefined)),
  );
}

test('a finished run is not repeated; a phase with other words begins anew, and so do those that start from it', async () => {
  const out = tiny.newRun();
  const steps: string[] = [];
  const logger = stepLogger((phase) => steps.push(phase));
  const first = await run(threePhases, out, threeTables, { logger });
  const before = await read(out, 'classifier');
  steps.length = 0;
  const again = await run(threePhases, out, threeTables, { resume: true, logger });
  expect([steps, again.tables]).toEqual([[], first.tables]);

  const other = { ...threePhases, gate: { ...(threePhases['gate'] as Words), learningRate: 0.03 } };
  const refused = run(other, out, threeTables, { resume: true, logger });
  await expect(refused).rejects.toThrow('phases.gate.learningRate.base: was 0.01, now 0.03');
  expect([await codeOf(refused), steps]).toEqual(['RESUME_CHANGED', []]);
  await run(other, out, threeTables, { resume: true, logger, allowChange: ['phases.gate'] });
  expect([...new Set(steps)]).toEqual(['gate', 'multi']);
  expect(steps).toHaveLength(15);
  expect(changed(before, await read(out, 'classifier'))).toEqual([]);
  // as if nothing had been there
  const fresh = tiny.newRun();
  await run(other, fresh, threeTables);
  expect(differing(await resultFiles(fresh), await resultFiles(out))).toEqual([]);
});

test('more rows of a finished phase are measured without training it again', async () => {
  const out = tiny.newRun();
  await run(threePhases, out);
  const steps: string[] = [];
  const result = await run(threePhases, out, threeTables, {
    resume: true,
    logger: stepLogger((phase) => steps.push(phase)),
  });
  expect(steps).toEqual([]);
  expect(result.tables[0]?.rows.map(({ label, cells }) => [label, Object.keys(cells)])).toEqual([
    ['classifier', ['A']],
    ['multi', ['A', 'S']],
    ['oracle', ['S']],
    ['open', ['S']],
  ]);
});

test('the gate: scores of every image, pure, with a threshold from validation; tables behind it', async () => {
  const [a, b] = [tiny.newRun(), tiny.newRun()];
  const result = await run(threePhases, a, threeTables);
  await run(threePhases, b, threeTables);
  const gate = await json<GateScores>(a, 'phases/gate/gate-two.json');
  expect(await json(b, 'phases/gate/gate-two.json')).toEqual(gate);
  expect(Object.keys(gate.scores)).toHaveLength(36);
  expect(Object.values(gate.scores).every((score) => score >= 0 && score <= 1)).toBe(true);
  const evaluations = await json<PhaseEvaluations>(a, 'phases/multi/evaluation.json');
  expect(Object.keys(evaluations).sort()).toEqual([
    'cls@one/none',
    'cls@two/none',
    'seg@two/none',
    'seg@two/oracle',
    'seg@two/trained',
  ]);
  const records = (key: string) => {
    const { samples, metrics } = evaluations[key]![0]!.test;
    return samples.map(({ id }, i) => [id, (metrics['area'] as [number, number][])[i]!] as const);
  };
  const open = new Map(records('seg@two/none'));
  for (const [id, [score]] of records('seg@two/trained'))
    expect([id, score]).toEqual([id, gate.scores[id]! >= gate.threshold ? open.get(id)![0] : 0]);
  for (const [id, [score, truth]] of records('seg@two/oracle'))
    expect([id, score]).toEqual([id, truth === 1 ? open.get(id)![0] : 0]);
  expect(result.tables[0]?.rows[2]?.cells['S']?.paired?.against).toBe('multi');
});

test.each([1, 0])('teacher forcing with p = %d: who is drawn for the dense head', async (probability) => {
  const out = tiny.newRun();
  const phases = {
    gate: { train: ['encoder', 'gate'], on: 'two', steps: 12, positivePortion: 0.5 },
    seg: { train: ['encoder', 'seg'], on: 'two', from: 'gate', gate: 'gate', steps: 10, teacherForcing: probability },
  };
  drawn.ids = [];
  await run(phases, out);
  const positives = await positivesOf('two');
  const { scores, threshold } = await json<GateScores>(out, 'phases/gate/gate-two.json');
  const ids = drawn.ids.slice(-40); // before training the labels are looked at until one is known
  expect(ids).toHaveLength(40);
  const passed = Object.keys(scores).filter((id) => scores[id]! >= threshold);
  expect(ids.every((id) => (probability === 1 ? positives : passed).includes(id))).toBe(true);
  expect(new Set(ids).size).toBeGreaterThan(3);
});

test('a turn without a gated head draws all images, also where another turn draws by the gate', async () => {
  const out = tiny.newRun();
  const turns = [
    { on: 'two', train: ['encoder', 'cls'], heads: ['cls', 'seg'] },
    { on: 'two', train: ['encoder', 'cls'] },
  ];
  const phases = {
    gate: { train: ['encoder', 'gate'], on: 'two' },
    multi: { schedule: { kind: 'alternating', turns }, gate: { seg: 'gate' }, teacherForcing: 1, steps: 14 },
  };
  drawn.ids = [];
  drawn.classified = [];
  await run(phases, out);
  const positives = await positivesOf('two');
  expect(drawn.ids.every((id) => positives.includes(id))).toBe(true);
  const forced = new Set(drawn.ids);
  expect(drawn.classified.slice(24).filter((id) => !forced.has(id) && !positives.includes(id)).length).toBeGreaterThan(
    5,
  );
});

async function positivesOf(dataset: string): Promise<string[]> {
  const rows = await json<{ id: string; labels: { mask: { rle: string[] } } }[]>(tiny.data, dataset, 'table.json');
  return rows.filter(({ labels }) => labels.mask.rle.length > 0).map(({ id }) => id);
}

test('the model’s own classification head can be the gate', async () => {
  const out = tiny.newRun();
  const phases = {
    multi: { schedule: { kind: 'joint', turns: [{ on: 'two', train: ['encoder', 'cls', 'seg'] }] }, gate: 'own' },
  };
  const result = await run(phases, out, table('multi', { seg: 'two', cls: 'two' }, { S: 'seg.area', A: 'cls.auroc' }));
  const evaluations = await json<PhaseEvaluations>(out, 'phases/multi/evaluation.json');
  expect(Object.keys(evaluations).sort()).toEqual(['cls@two/none', 'seg@two/trained']);
  expect(result.tables[0]?.rows[0]?.cells['S']?.images).toBe(evaluations['seg@two/trained']?.[0]?.test.samples.length);
});

test('cross-validation: each image is tested once a repeat, by patient; other data by its own parts', async () => {
  const out = tiny.newRun();
  const phases = {
    one: { train: ['encoder', 'cls'], on: 'one', crossValidate: { folds: 4, repeats: 2 }, steps: 3 },
  };
  const words = {
    tables: {
      t: {
        title: 'T',
        columns: { A: 'cls.auroc' },
        rows: [
          { label: 'folds', phase: 'one', on: { cls: 'one' } },
          { label: 'elsewhere', phase: 'one', on: { cls: 'two' } },
        ],
      },
    },
  };
  const result = await run(phases, out, words);
  expect(result.phases[0]?.fits).toBe(8);
  const evaluations = await json<PhaseEvaluations>(out, 'phases/one/evaluation.json');
  const folds = evaluations['cls@one/none']!;
  expect(folds).toHaveLength(8);
  for (const repeat of [folds.slice(0, 4), folds.slice(4)]) {
    const tested = repeat.flatMap(({ test: { samples } }) => samples.map(({ id }) => id));
    expect(tested.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, i) => `${i}`));
    for (const { test: part, validation } of repeat) {
      const own = new Set(part.samples.map(({ patient }) => patient));
      expect(validation.samples.some(({ patient }) => own.has(patient))).toBe(false);
    }
  }
  expect(result.tables[0]?.rows[0]?.cells['A']).toMatchObject({ images: 40, patients: 20 });
  const elsewhere = evaluations['cls@two/none']!;
  for (const { test: part } of elsewhere)
    expect(new Set(part.samples.map(({ dataset }) => dataset))).toEqual(new Set(['two']));
  expect(new Set(elsewhere.map(({ test: part }) => part.samples.map(({ id }) => id).join())).size).toBe(1);
  // every fold starts from the same weights and sees its own training part
  const [a, b] = [await read(out, 'one/fold-1'), await read(out, 'one/fold-2')];
  expect(changed(a, b).length).toBeGreaterThan(5);

  const resumed = tiny.newRun();
  expect(await codeOf(run(phases, resumed, words, abortAfter(7)))).toBe('INTERRUPTED');
  await run(phases, resumed, words, { resume: true });
  expect(differing(await resultFiles(out), await resultFiles(resumed))).toEqual([]);
});

test('a loss that is no number stops at its step, with the last good checkpoint kept', async () => {
  const out = tiny.newRun();
  const phases = {
    one: {
      train: ['encoder', 'cls'],
      on: 'one',
      optimizer: { kind: 'sgd' },
      learningRate: { base: 1e38, kind: 'constant', warmup: 0 },
    },
  };
  const failing = run(phases, out);
  await expect(failing).rejects.toThrow(/phase "one": loss \S+ is (NaN|Infinity) at step \d/);
  expect(await codeOf(failing)).toBe('TRAIN_LOSS_NOT_FINITE');
  const checkpoints = (await readdir(join(out, 'phases/one'))).filter((name) => name.startsWith('checkpoint'));
  expect(checkpoints.every((name) => Number(name.slice(11)) < 6)).toBe(true);
  // the run is not left locked
  expect(await readdir(out)).not.toContain('run.lock');
});

test('a phase of another run: its weights, its gate, and its hash', async () => {
  const [other, out] = [tiny.newRun(), tiny.newRun()];
  await run(threePhases, other);
  const reference = (phase: string): string => `${other}#${phase}`;
  const phases = {
    frozen: { train: ['encoder', 'cls'], on: 'one', from: reference('classifier'), freeze: ['encoder'], steps: 1 },
    seg: {
      train: ['encoder', 'seg'],
      on: 'two',
      from: { encoder: reference('multi'), seg: reference('multi') },
      gate: reference('gate'),
      steps: 2,
      teacherForcing: 0.5,
    },
  };
  await run(phases, out, table('seg', { seg: 'two' }, { S: 'seg.area' }));
  const parent = await read(other, 'classifier');
  expect(changed(parent, await read(out, 'frozen')).every((name) => name.startsWith('cls/'))).toBe(true);
  const steps: string[] = [];
  const logger = stepLogger((phase) => steps.push(phase));
  await run(phases, out, {}, { resume: true, logger });
  expect(steps).toEqual([]);
  // another parent under the same name is another input
  await run(
    { ...threePhases, classifier: { ...(threePhases['classifier'] as Words), learningRate: 0.02 } },
    other,
    {},
    { resume: true, allowChange: ['phases.classifier'] },
  );
  await run(phases, out, {}, { resume: true, logger });
  expect([...new Set(steps)]).toEqual(['frozen', 'seg']);
  await rm(join(other, 'phases/classifier/phase.json'));
  expect(await codeOf(run(phases, out, {}, { resume: true }))).toBe('RUN_PHASE_UNFINISHED');
});

test('the last checkpoint of a finished phase, once broken, is not replaced by an older one', async () => {
  const out = tiny.newRun();
  const one = { train: ['encoder', 'cls'], on: 'one', steps: 4 };
  await run({ one }, out);
  const last = join(out, 'phases/one/checkpoint-00000004/model.safetensors');
  const bytes = await readFile(last);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(last, bytes);
  const phases = { one, two: { train: ['encoder', 'cls'], on: 'one', from: 'one', steps: 1 } };
  const request = { resume: true, allowChange: ['phases'] };
  await expect(run(phases, out, {}, request)).rejects.toMatchObject({
    code: 'CHECKPOINT_CORRUPT',
    message: expect.stringContaining('step 4') as string,
  });
});

test('runs are not mixed silently', async () => {
  const out = tiny.newRun();
  const phases = { one: { train: ['encoder', 'cls'], on: 'one', steps: 1 } };
  expect(await codeOf(run(phases, out, {}, { resume: true }))).toBe('RESUME_NOTHING');
  await run(phases, out);
  expect(await codeOf(run(phases, out))).toBe('RUN_EXISTS');
  expect(await codeOf(run(phases, out, { seed: 4 }, { resume: true }))).toBe('RESUME_CHANGED');
  expect(await codeOf(run(phases, out, { name: 'other' }, { resume: true }))).toBe('RESUME_CHANGED');
});

test('unknown labels: half of them unknown trains on the rest; a head without any is refused before training', async () => {
  const partial = join(tiny.folder, 'partial');
  await writeTinyData(join(partial, 'one'), {
    images: 40,
    seed: 1,
    labels: ({ findings }, i) => ({ findings: i % 2 === 0 ? findings : {} }),
  });
  await writeTinyData(join(partial, 'two'), { images: 36, seed: 2 });
  const on = (train: string[]) => ({ multi: { schedule: { kind: 'joint', turns: [{ on: 'one', train }] } } });
  const tables = table('multi', { cls: 'one' }, { A: 'cls.auroc' });
  const unlabelled = runTiny(tiny.engine, tinyProtocol(partial, on(['encoder', 'cls', 'seg']), tables), tiny.newRun());
  await expect(unlabelled).rejects.toMatchObject({ code: 'DATA_NO_LABELS' });
  const out = tiny.newRun();
  const result = await runTiny(tiny.engine, tinyProtocol(partial, on(['encoder', 'cls']), tables), out);
  expect(result.tables[0]!.rows[0]!.cells['A']?.images).toBeGreaterThan(0);
  const last = await read(out, 'multi');
  expect(Object.values(last).every(({ data: values }) => values.every(Number.isFinite))).toBe(true);
});
