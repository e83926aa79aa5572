import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { dataOf, json, multichexnet, temporary } from './command.ts';

interface Sample {
  readonly id: string;
  readonly patient: string;
  readonly source?: string;
}
interface Fold {
  readonly test: { readonly samples: readonly Sample[] };
  readonly validation: { readonly samples: readonly Sample[] };
}

const PROTOCOL = `name: folds
resamples: 100
datasets: { covid: { kind: covid } }
model:
  encoder: { kind: densenet, depth: small, size: 32 }
  heads: { cls: { kind: cls, hidden: 8, classes: [COVID-19] } }
defaults: { steps: 4, batchSize: 4, checkpointEvery: 2, learningRate: { base: 0.002 } }
phases:
  patients: { train: [encoder, cls], on: covid, crossValidate: { folds: 3, repeats: 2 } }
  sources: { like: patients, crossValidate: { folds: 3, repeats: 1, group: source } }
tables:
  folds:
    title: Folds
    columns: { AUROC: cls.auroc }
    rows:
      - { label: patients, phase: patients, on: { cls: covid } }
      - { label: sources, phase: sources, on: { cls: covid } }
`;
let out: string;
let protocol: string;
let tree: string;
const command = (name: string, ...more: string[]): string[] => [
  ...['protocol', 'run', protocol, ...dataOf(tree, ['covid']), '--patient-map', join(tree, 'patient_map.csv')],
  ...['--out', join(out, name), '--no-reuse', ...more],
];
const foldsOf = async (name: string, phase: string): Promise<readonly Fold[]> => {
  const text = await readFile(join(out, name, 'phases', phase, 'evaluation.json'), 'utf8');
  return (JSON.parse(text) as Record<string, readonly Fold[]>)['cls@covid/none'] ?? [];
};
const keys = (samples: readonly Sample[], key: (sample: Sample) => string): Set<string> => new Set(samples.map(key));

beforeAll(async () => {
  out = await temporary();
  tree = join(out, 'data');
  await cp(inject('phantom'), tree, { recursive: true });
  // Phantom images come from two places; folds of sources want some more, each with patients of its own.
  const file = join(tree, 'covid/metadata.csv');
  const rows = (await readFile(file, 'utf8')).split('\n');
  const moved = rows.map((row) =>
    row.replace(/("Nowhere, generated"|generated),images/, `town ${parseInt(row) % 9},images`),
  );
  await writeFile(file, moved.join('\n'));
  protocol = join(out, 'folds.yaml');
  await writeFile(protocol, PROTOCOL);
  const { code, stdout } = await json(command('whole'));
  expect(code, stdout).toBe(0);
});

test('every image is tested once a repeat, no patient on two sides; the repeat deals otherwise', async () => {
  const folds = await foldsOf('whole', 'patients');
  expect(folds).toHaveLength(6);
  const repeats = [folds.slice(0, 3), folds.slice(3)].map((own) => own.flatMap((fold) => fold.test.samples));
  const [first, second] = repeats.map((samples) => samples.map(({ id }) => id));
  expect(new Set(first).size).toBe(first?.length);
  expect(second?.toSorted()).toEqual(first?.toSorted());
  expect(second).not.toEqual(first);
  for (const [f, { test: tested, validation }] of folds.entries()) {
    const patients = keys(tested.samples, ({ patient }) => patient);
    expect(patients.size).toBeGreaterThan(1);
    const others = folds.slice(f < 3 ? 0 : 3, f < 3 ? 3 : 6).filter((_, i) => i !== f % 3);
    for (const samples of [validation.samples, ...others.map((other) => other.test.samples)])
      expect(samples.some(({ patient }) => patients.has(patient))).toBe(false);
  }
});

test('folds of sources share no source, and their intervals draw sources', async () => {
  const folds = await foldsOf('whole', 'sources');
  const sources = folds.map(({ test: tested }) => keys(tested.samples, ({ source }) => source ?? ''));
  const all = sources.flatMap((own) => [...own]);
  expect(new Set(all).size).toBe(all.length);
  const table = await readFile(join(out, 'whole/tables/folds.md'), 'utf8');
  expect(table).toMatch(new RegExp(`from ${all.length} sources, which the intervals draw`));
  expect(table).toMatch(/AUROC is of COVID-19, which \d+ of \d+ test images have\./);
});

test('killed in a fold and gone on with: the same folds, scores and report, to the byte', async () => {
  const folder = join(out, 'killed');
  const seen = join(folder, 'phases/patients/fold-3/checkpoint-00000002');
  let timer: NodeJS.Timeout | undefined;
  const killed = await multichexnet(command('killed'), {
    onStart: (child) => {
      timer = setInterval(() => existsSync(seen) && child.kill('SIGKILL'), 2);
    },
  });
  clearInterval(timer);
  expect(killed.signal).toBe('SIGKILL');
  const resumed = await json(command('killed', '--resume'));
  expect(resumed.code, resumed.stdout).toBe(0);
  for (const phase of ['patients', 'sources'])
    expect(await foldsOf('killed', phase)).toEqual(await foldsOf('whole', phase));
  for (const name of ['whole', 'killed']) {
    const { code, stderr } = await multichexnet(['report', '.', '--quiet'], { cwd: join(out, name) });
    expect(code, stderr).toBe(0);
  }
  const report = (name: string): Promise<string> => readFile(join(out, name, 'report.html'), 'utf8');
  expect(await report('killed')).toBe(await report('whole'));
  expect(await report('whole')).toContain('means of 6 folds');
});

test('no network is left to predict with, and the message says why', async () => {
  const args = [
    'predict',
    join(out, 'whole'),
    join(tree, 'covid/images'),
    '--phase',
    'patients',
    '--out',
    join(out, 'predicted'),
  ];
  const { code, document } = await json<{ error: { code: string; message: string } }>(args);
  expect([code, document.error.code]).toEqual([1, 'PHASE_NO_CHECKPOINT']);
  expect(document.error.message).toContain('trained a network for each of 6 folds');
});

test('more shots than the smallest training part has are refused with what is possible, and nothing is left', async () => {
  const wanted = PROTOCOL.replace('repeats: 2 }', 'repeats: 2 }, shots: { finding: COVID-19, count: 900 }');
  for (const text of [wanted, `seeds: [1, 2]\n${wanted}`]) {
    await writeFile(protocol, text);
    const { code, document } = await json<{ error: { code: string; message: string } }>(command('shots'));
    expect([code, document.error.code]).toEqual([1, 'DATA_FEW_SHOTS']);
    expect(document.error.message).toMatch(
      /the smallest of 6 training parts.*ask for at most \d+ \(--set phases\.patients\.shots\.count=\d+/,
    );
    expect(existsSync(join(out, 'shots'))).toBe(false);
  }
});
