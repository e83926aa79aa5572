import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { dataOf, json, multichexnet, root, temporary, type Finished } from './command.ts';

interface RunDocument {
  readonly run: string;
  readonly phases: readonly { readonly name: string; readonly steps: number; readonly reused?: string }[];
  readonly tables: readonly { readonly name: string; readonly rows: readonly object[] }[];
  readonly notice: string;
}

const tree = inject('phantom');
const protocol = join(root, 'e2e/tiny.yaml');
const data = [...dataOf(tree, ['chestxray14', 'rsna', 'siim']), '--patient-map', join(tree, 'patient_map.csv')];
let out: string;
let unbroken: string;

const command = (folder: string, ...more: string[]): string[] => [
  'protocol',
  'run',
  protocol,
  ...data,
  '--out',
  folder,
  '--no-reuse',
  ...more,
];
const tablesOf = async (folder: string): Promise<Record<string, string>> => {
  const files = await readdir(join(folder, 'tables'));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, 'tables', file), 'utf8')] as const)),
  );
};
/** Weights and moments of the last phase, to the byte. */
const weightsOf = async (folder: string): Promise<Buffer> =>
  readFile(join(folder, 'phases/both/checkpoint-00000012/model.safetensors'));

/** The report, made from within the folder, so that it does not name another path. */
async function reportOf(folder: string): Promise<string> {
  const { code, stderr } = await multichexnet(['report', '.', '--quiet'], { cwd: folder });
  expect(code, stderr).toBe(0);
  return readFile(join(folder, 'report.html'), 'utf8');
}

/** Sends a signal as soon as a file is there. */
async function interrupted(args: readonly string[], file: string, signal: NodeJS.Signals): Promise<Finished> {
  let timer: NodeJS.Timeout | undefined;
  const finished = await multichexnet(args, {
    onStart: (child) => {
      timer = setInterval(() => {
        if (!existsSync(file)) return;
        clearInterval(timer);
        child.kill(signal);
      }, 2);
    },
  });
  clearInterval(timer);
  return finished;
}

beforeAll(async () => {
  out = await temporary();
  unbroken = join(out, 'unbroken');
  const { code, document, stdout } = await json<RunDocument>(command(unbroken));
  expect(code, stdout).toBe(0);
  expect(document.phases.map(({ name }) => name)).toEqual(['classifier', 'det-gate', 'seg-gate', 'both']);
  expect(document.tables.map(({ name, rows }) => [name, rows.length])).toEqual([['all', 2]]);
  expect(document).toMatchObject({ run: unbroken, notice: 'Research results, not medical advice.' });
});

test('a run leaves its config, its log, checkpoints, losses and tables, and no temporary file', async () => {
  const files = (await readdir(unbroken, { recursive: true })).sort();
  expect(files).toEqual(
    expect.arrayContaining([
      ...['config.json', 'run.json', 'log.jsonl', 'result.json', 'tables/all.json', 'tables/all.md'],
      ...[
        'phases/both/evaluation.json',
        'phases/both/metrics.jsonl',
        'phases/both/checkpoint-00000012/model.safetensors',
      ],
    ]),
  );
  expect(files.filter((file) => /\.tmp$|\.partial$|run\.lock$|probe/.test(file))).toEqual([]);
});

test('killed in the middle and gone on with: the same weights and the same tables, to the byte', async () => {
  const folder = join(out, 'killed');
  const killed = await interrupted(command(folder), join(folder, 'phases/both/checkpoint-00000004'), 'SIGKILL');
  expect(killed.signal).toBe('SIGKILL');
  expect(await readdir(folder)).not.toContain('result.json');
  const resumed = await json<RunDocument>(command(folder, '--resume'));
  expect(resumed.code, resumed.stdout).toBe(0);
  expect(await tablesOf(folder)).toEqual(await tablesOf(unbroken));
  expect((await weightsOf(folder)).equals(await weightsOf(unbroken))).toBe(true);
  expect(await reportOf(folder)).toBe(await reportOf(unbroken));
});

test('Ctrl-C finishes the step, saves and exits 130; --resume goes on', async () => {
  const folder = join(out, 'interrupted');
  const stopped = await interrupted(command(folder), join(folder, 'phases/det-gate/checkpoint-00000002'), 'SIGINT');
  expect([stopped.code, stopped.signal]).toEqual([130, null]);
  expect(stopped.stderr).toContain('stopping after this step');
  expect(stopped.stderr).toMatch(/--resume goes on\s+from there/);
  const resumed = await json<RunDocument>(command(folder, '--resume'));
  expect(resumed.code, resumed.stdout).toBe(0);
  expect(await tablesOf(folder)).toEqual(await tablesOf(unbroken));
});

test('a folder with a run is not mixed with another one, and finished phases are not repeated', async () => {
  const again = await json<{ error: { code: string } }>(command(unbroken));
  expect([again.code, again.document.error.code]).toEqual([2, 'RUN_EXISTS']);
  const other = await json<{ error: { code: string } }>(command(unbroken, '--resume', '--set', 'seed=2'));
  expect([other.code, other.document.error.code]).toEqual([2, 'RESUME_CHANGED']);
  const nothing = await json<{ error: { code: string } }>(command(join(out, 'nothing'), '--resume'));
  expect([nothing.code, nothing.document.error.code]).toEqual([2, 'RESUME_NOTHING']);
  expect(existsSync(join(out, 'nothing'))).toBe(false);
  const changed = await json<{ error: { code: string; message: string } }>(
    command(unbroken, '--resume', '--set', 'phases.both.steps=14'),
  );
  expect([changed.code, changed.document.error.code]).toEqual([2, 'RESUME_CHANGED']);
  expect(changed.document.error.message).toContain('phases.both.steps: was 12, now 14');
  const started = performance.now();
  const { code, stderr } = await multichexnet(command(unbroken, '--resume'));
  expect(code, stderr).toBe(0);
  expect(stderr).not.toContain('loss');
  expect(performance.now() - started).toBeLessThan(60_000);
});

test('evaluate measures a finished run again, from its records', async () => {
  const { code, document } = await json<{
    metrics: { head: string; dataset: string; metric: string; value?: number }[];
  }>([...['evaluate', unbroken, '--phase', 'both']]);
  expect(code).toBe(0);
  const table = JSON.parse(await readFile(join(unbroken, 'tables/all.json'), 'utf8')) as {
    rows: { label: string; cells: Record<string, { value?: number; low?: number; high?: number }> }[];
  };
  const dice = table.rows.find(({ label }) => label === 'both')?.cells['Dice'];
  const measured = document.metrics.find(({ head, metric }) => head === 'seg' && metric === 'dice');
  expect(measured).toMatchObject({
    dataset: 'siim',
    gate: 'trained',
    value: dice?.value,
    low: dice?.low,
    high: dice?.high,
  });
});

test('evaluate tells groups apart and compares phases, and says what it cannot', async () => {
  const by = await json<{ by: string; groups: { metric: string; group?: string; images: number }[] }>([
    ...['evaluate', unbroken, '--phase', 'classifier', '--metric', 'auroc', '--by', 'sex'],
  ]);
  expect(by.code, by.stdout).toBe(0);
  expect(by.document.groups.map(({ group }) => group)).toEqual(expect.arrayContaining(['F', 'M']));
  expect(by.document.groups.every(({ metric, images }) => metric === 'auroc' && images > 0)).toBe(true);
  const compared = await json<{ comparisons: object[] }>(['evaluate', unbroken, '--compare', unbroken]);
  expect(compared.code, compared.stdout).toBe(0);
  expect(compared.document.comparisons).toContainEqual(
    expect.objectContaining({ phase: 'both', head: 'seg', metric: 'dice', difference: 0, p: 1, adjusted: 1 }),
  );
  const refused = async (...more: string[]): Promise<[number | null, string]> => {
    const { code, document } = await json<{ error: { code: string } }>(['evaluate', unbroken, ...more]);
    return [code, document.error.code];
  };
  expect(await refused('--metric', 'auroch')).toEqual([2, 'CLI_OPTION_VALUE']);
  expect(await refused('--by', 'scanner')).toEqual([2, 'CLI_OPTION_VALUE']);
  expect(await refused('--interval', 'bca', '--compare', unbroken)).toEqual([2, 'CLI_OPTION_VALUE']);
  expect(await refused('--interval', 'normal')).toEqual([2, 'CLI_OPTION_VALUE']);
  expect(await refused('--compare', 'det-gate')).toEqual([2, 'CLI_MISSING_ARGUMENT']);
  expect(await refused('--compare', join(out, 'nowhere'))).toEqual([2, 'RUN_NOT_FOUND']);
});

test('phases that a run beside it has trained by the same inputs are taken over; only what differs is trained', async () => {
  const folder = join(out, 'reusing');
  const args = command(folder, '--set', 'phases.both.steps=14').filter((word) => word !== '--no-reuse');
  const { code, document, stderr } = await json<RunDocument>(args);
  expect(code, stderr).toBe(0);
  // From any of the runs beside it: all have learned the same.
  const reused = document.phases.map(({ reused: from }) => from?.replace(/^[a-z]+#/, ''));
  expect(reused).toEqual(['classifier', 'det-gate', 'seg-gate', undefined]);
  const weights = 'phases/classifier/checkpoint-00000006/model.safetensors';
  expect(await readFile(join(folder, weights))).toEqual(await readFile(join(unbroken, weights)));
});
