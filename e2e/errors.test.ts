import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { dataOf, json, multichexnet, root, temporary } from './command.ts';

interface Failed {
  readonly error: { readonly code: string };
  readonly problems: readonly { code: string; message: string; file?: string; line?: number; path?: string }[];
}

const tree = inject('phantom');

test('a config tells all its mistakes with file, line, path and the nearest name', async () => {
  const folder = await temporary();
  const file = join(folder, 'my.yaml');
  await writeFile(
    file,
    `plugins: [${join(root, 'examples/head-age/index.ts')}]
datasets:
  rsna: { kind: rsna, root: ${join(tree, 'rsna')} }
  siim: { kind: siim, root: ${join(folder, 'none')} }
model:
  encoder: { kind: densenet }
  heads:
    det: { kind: det, ancors: 3 }
    age: { kind: age, hiden: 3 }
train:
  schedule: { kind: joint, turns: [{ dataset: rsna, heads: [dett] }] }
  steps: 5
`,
  );
  const { code, document } = await json<Failed>(['config', 'check', file]);
  expect(code).toBe(2);
  expect(document.problems).toMatchObject([
    { code: 'CONFIG_UNKNOWN_KEY', file, line: 8, path: 'model.heads.det.ancors' },
    { code: 'CONFIG_UNKNOWN_KEY', file, line: 9, path: 'model.heads.age.hiden' },
    { code: 'CONFIG_UNKNOWN_HEAD', file, line: 11, path: 'train.schedule.turns[0].heads[0]' },
    { code: 'DATA_ROOT_MISSING', file, line: 4, path: 'datasets.siim.root' },
  ]);
  expect(document.problems.map(({ message }) => /did you mean "(\w+)"/.exec(message)?.[1])).toEqual([
    'anchors',
    'hidden',
    'det',
    undefined,
  ]);
  // The same for people, and nothing was started.
  const text = await multichexnet(['train', file], { cwd: folder });
  expect(text).toMatchObject({ code: 2, stdout: '' });
  expect(text.stderr).toContain('error CONFIG_UNKNOWN_KEY  my.yaml:8  model.heads.det.ancors');
  expect(text.stderr).toContain('4 problems; nothing was started.');
  expect(await readdir(folder)).toEqual(['my.yaml']);
});

test('roots: none given, not there, of another dataset', async () => {
  const out = join(await temporary(), 'run');
  const run = (...data: string[]): Promise<{ code: number | null; document: Failed }> =>
    json<Failed>(['protocol', 'run', join(root, 'e2e/tiny.yaml'), '--out', out, ...data]);
  const none = await run(...dataOf(tree, ['rsna', 'siim']));
  expect([none.code, none.document.error.code]).toEqual([2, 'DATA_ROOT_MISSING']);
  const absent = await run(...dataOf(tree, ['rsna', 'siim']), '--data', 'chestxray14=/nowhere');
  expect([absent.code, absent.document.error.code]).toEqual([2, 'DATA_ROOT_MISSING']);
  const other = await run(...dataOf(tree, ['rsna', 'siim']), '--data', `chestxray14=${join(tree, 'rsna')}`);
  expect([other.code, other.document.error.code]).toEqual([2, 'DATA_ROOT_MISSING']);
  const unknown = await run('--data', `rnsa=${join(tree, 'rsna')}`);
  expect([unknown.code, unknown.document.error.code]).toEqual([2, 'CLI_DATA_INVALID']);
});

test('a CSV with a wrong column, one table alone and as part of a root', async () => {
  const broken = join(await temporary(), 'rsna');
  await cp(join(tree, 'rsna'), broken, { recursive: true });
  const table = join(broken, 'stage_2_train_labels.csv');
  await writeFile(table, (await readFile(table, 'utf8')).replace('Target', 'Traget'));
  const alone = await json<Failed>(['data', 'verify', 'rsna', broken, '--table', 'stage_2_train_labels.csv']);
  expect([alone.code, alone.document.problems[0]]).toMatchObject([1, { code: 'CSV_HEADER', line: 1 }]);
  const whole = await json<Failed>(['data', 'verify', 'rsna', broken]);
  expect(whole.code).toBe(1);
  expect(whole.document.problems.map(({ code }) => code)).toContain('CSV_HEADER');
});

test('an unreadable image is found by verify and named by training', async () => {
  const broken = join(await temporary(), 'rsna');
  await cp(join(tree, 'rsna'), broken, { recursive: true });
  const images = join(broken, 'stage_2_train_images');
  const [first = ''] = (await readdir(images)).sort();
  const bytes = await readFile(join(images, first));
  await writeFile(join(images, first), bytes.subarray(0, bytes.length / 2));
  const { code, document } = await json<Failed & { images: number; usable: { images: number } }>([
    'data',
    'verify',
    'rsna',
    broken,
  ]);
  expect(code).toBe(1);
  expect(document.problems.some(({ file }) => file?.includes(first))).toBe(true);
  expect(document.usable.images).toBeLessThan(document.images);
  const run = await json<Failed>([
    ...['protocol', 'run', join(root, 'e2e/tiny.yaml'), '--out', join(await temporary(), 'run')],
    ...[...dataOf(tree, ['chestxray14', 'siim']), '--data', `rsna=${broken}`],
  ]);
  expect(run.code).toBe(1);
  expect(run.document.problems.some(({ file }) => file?.includes(first))).toBe(true);
});

test('an empty part is refused before training, and nothing is left', async () => {
  const folder = await temporary();
  const { code, document } = await json<Failed>([
    ...['protocol', 'run', join(root, 'e2e/tiny.yaml'), '--out', join(folder, 'run')],
    ...dataOf(tree, ['chestxray14', 'rsna', 'siim']),
    ...['--set', 'splits.validation=0.0001'],
  ]);
  expect(code).not.toBe(0);
  expect(document.problems.map((problem) => problem.code)).toContain('SPLIT_EMPTY');
  expect(await readdir(folder)).toEqual([]);
});

test('a training that is refused leaves nothing; weights that are not there are refused by config check already', async () => {
  const folder = await temporary();
  const file = join(folder, 'my.yaml');
  const write = (more: string, validation: number): Promise<void> =>
    writeFile(
      file,
      `datasets: { rsna: { kind: rsna, root: ${join(tree, 'rsna')} } }
model: { encoder: { kind: densenet, depth: small, size: 32${more} }, heads: { det: { kind: det } } }
train: { schedule: { kind: alternating, turns: [{ dataset: rsna, heads: [det] }] }, steps: 2, splits: { validation: ${validation} } }
`,
    );
  await write('', 0.0001);
  const trained = await json<Failed>(['train', file, '--out', join(folder, 'run')]);
  expect(trained.code).not.toBe(0);
  expect(trained.document.error.code).toBe('SPLIT_EMPTY');
  expect(await readdir(folder)).toEqual(['my.yaml']);
  await write(`, weights: ${join(folder, 'none.safetensors')}`, 0.2);
  for (const words of [
    ['config', 'check', file],
    ['train', file, '--out', join(folder, 'run')],
  ]) {
    const { code, document } = await json<Failed>(words);
    expect(code).not.toBe(0);
    expect(document.problems).toMatchObject([{ code: 'ENCODER_WEIGHTS_FILE', path: 'model.encoder.weights', line: 2 }]);
  }
  expect(await readdir(folder)).toEqual(['my.yaml']);
});

/** A config of a training of two steps. */
async function trainable(folder: string): Promise<string> {
  const file = join(folder, 'tiny.yaml');
  await writeFile(
    file,
    `datasets: { rsna: { kind: rsna, root: ${join(tree, 'rsna')} } }
model: { encoder: { kind: densenet, depth: small, size: 32 }, heads: { det: { kind: det } } }
train: { schedule: { kind: alternating, turns: [{ dataset: rsna, heads: [det] }] }, steps: 2 }
`,
  );
  return file;
}

test('an out folder that cannot be one', async () => {
  const folder = await temporary();
  await writeFile(join(folder, 'file'), '');
  const { code, document } = await json<Failed>([
    ...['protocol', 'run', join(root, 'e2e/tiny.yaml'), '--out', join(folder, 'file')],
    ...dataOf(tree, ['chestxray14', 'rsna', 'siim']),
  ]);
  expect([code, document.error.code]).toEqual([2, 'CLI_OUT_NOT_WRITABLE']);
  const config = await trainable(folder);
  const before = await readdir(folder, { recursive: true });
  for (const out of [join(folder, 'file'), join(folder, 'file/run'), '/proc/nope', '/proc/nope/run'])
    for (const more of [[], ['--resume=auto'], ['--workers', '2']]) {
      const refused = await json<Failed>(['train', config, '--out', out, ...more]);
      expect([out, more, refused.code, refused.document.error.code]).toEqual([out, more, 2, 'CLI_OUT_NOT_WRITABLE']);
      expect(refused.stderr).not.toContain('engine');
    }
  expect(await readdir(folder, { recursive: true })).toEqual(before);
});

test.runIf(existsSync('/dev/full'))(
  'a disk that is full while it trains: the file, how to go on, and a code that is started again',
  async () => {
    const folder = await temporary();
    const config = await trainable(folder);
    const out = join(folder, 'run');
    await mkdir(out);
    await symlink('/dev/full', join(out, 'log.jsonl'));
    const { code, document } = await json<Failed>(['train', config, '--out', out]);
    expect([code, document.error]).toMatchObject([200, { code: 'DISK_FULL', file: join(out, 'log.jsonl') }]);
  },
);

test('stack traces come with --debug alone', async () => {
  const plain = await multichexnet(['evaluate', '/nowhere']);
  expect(plain).toMatchObject({ code: 2 });
  expect(plain.stderr).not.toContain('    at ');
  expect((await multichexnet(['evaluate', '/nowhere', '--debug'])).stderr).toContain('    at ');
});

test('a plugin that writes to stdout cannot spoil the document', async () => {
  const folder = await temporary();
  await mkdir(join(folder, 'loud'));
  await writeFile(
    join(folder, 'loud/index.ts'),
    `console.log('hello');\nexport { default } from '${join(root, 'examples/head-age/index.ts')}';\n`,
  );
  await writeFile(join(folder, 'c.json'), JSON.stringify({ plugins: ['./loud/index.ts'] }));
  const { code, document, stderr } = await json<{ plugins: { kind: string }[] }>([
    'plugins',
    'list',
    join(folder, 'c.json'),
  ]);
  expect(code).toBe(0);
  expect(document.plugins.map(({ kind }) => kind)).toContain('age');
  expect(stderr).toContain('hello');
});
