import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dataOf, json, multichexnet, root, temporary } from './command.ts';

interface Exported {
  readonly format: string;
  readonly bytes: number;
  readonly version: string;
  readonly input: { readonly name: string; readonly shape: readonly (string | number)[] };
  readonly outputs: readonly { name: string; shape: readonly (string | number)[]; difference?: number }[];
  readonly checked?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Predicted {
  readonly runtime?: string;
  readonly files: readonly {
    readonly findings: readonly { name: string; probability: number }[];
    readonly boxes: readonly { x: number; y: number; width: number; height: number; score: number }[];
    readonly mask?: { width: number; height: number; rle: string };
    readonly gates: readonly { head: string; score: number; threshold: number; passed: boolean }[];
  }[];
}

interface Failed {
  readonly error: { readonly code: string; readonly message: string };
}

const tree = inject('phantom');
const films = join(tree, 'rsna/stage_2_train_images');
let folder: string;
let run: string;
let some: string[];

/** As on a machine without the package. */
const hidden = `export async function resolve(specifier, context, next) {
  if (specifier === 'onnxruntime-node') throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
}`;
const dataUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const withoutRuntime = {
  NODE_OPTIONS: `--import=${dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hidden))});`)}`,
};

beforeAll(async () => {
  folder = await temporary();
  run = join(folder, 'run');
  const { code, stderr } = await multichexnet([
    ...['protocol', 'run', join(root, 'e2e/tiny.yaml'), '--out', run, '--no-reuse'],
    ...[...dataOf(tree, ['chestxray14', 'rsna', 'siim']), '--patient-map', join(tree, 'patient_map.csv')],
  ]);
  expect(code, stderr).toBe(0);
  some = (await readdir(films)).sort().slice(0, 6).map((name) => join(films, name)); // prettier-ignore
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('export writes one file, checked on images of the run, the same every time', async () => {
  const out = join(folder, 'model.onnx');
  const { code, stderr, document } = await json<Exported>(['export', run, '--out', out]);
  expect(code, stderr).toBe(0);
  expect(document).toMatchObject({
    format: 'onnx',
    version: 'opset 17',
    input: { name: 'image', shape: ['batch', 32, 32, 1] },
  });
  expect(document.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['cls/decision', ['batch', 14]],
    ['det/boxes', ['batch', 2, 2, 2, 5]],
    ['seg/decision', ['batch', 32, 32, 1]],
  ]);
  for (const { difference } of document.outputs) expect(difference).toBeLessThan(1e-5);
  expect(document.checked).toMatch(/^ONNX Runtime 1\.\d+\.\d+ on 8 images of the run$/);
  const { metadata } = document;
  expect(metadata).toMatchObject({
    run: 'tiny',
    phase: 'both',
    notice: expect.stringContaining('not medical advice') as string,
  });
  expect(metadata['model']).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(metadata['preprocessing'] ?? '')).toEqual({ kind: 'stretch', version: 1, size: 32 });
  expect(JSON.parse(metadata['classes'] ?? '')).toMatchObject({
    cls: expect.arrayContaining(['Effusion']) as string[],
  });
  expect(JSON.parse(metadata['thresholds'] ?? '')).toHaveProperty(['cls@rsna/none', 'accuracy']);
  expect(JSON.parse(metadata['gates'] ?? '')).toEqual({ det: 'det-gate', seg: 'seg-gate' });
  const bytes = await readFile(out);
  expect(bytes.byteLength).toBe(document.bytes);
  expect(bytes.includes(metadata['model'] ?? '-')).toBe(true);

  const again = join(folder, 'again.onnx');
  const text = await multichexnet(['export', run, '--phase', 'both', '--out', again]);
  expect(text.stdout).toMatch(/seg\/decision +\[batch, 32, 32, 1\] +largest difference \d/);
  expect(text.stderr).toContain('gates of this phase are networks of their own');
  expect((await readFile(again)).equals(bytes)).toBe(true);
});

test('a file that differs too much is not written; what cannot be asked is told', async () => {
  const out = join(folder, 'never.onnx');
  const strict = await json<Failed>(['export', run, '--out', out, '--tolerance', '0']);
  expect([strict.code, strict.document.error.code]).toEqual([1, 'ONNX_DIFFERENT']);
  expect(strict.document.error.message).toMatch(/output \w+\/\w+ differs from the network's by \d/);
  const slips: [string[], string][] = [
    [['--out', out, '--format', 'onxx'], 'CLI_OPTION_VALUE'],
    [['--out', out, '--tolerance', 'much'], 'CLI_OPTION_VALUE'],
    [['--out', folder], 'CLI_OPTION_VALUE'],
    [['--out', '/proc/nowhere/model.onnx'], 'CLI_OUT_NOT_WRITABLE'],
    [[], 'CLI_MISSING_ARGUMENT'],
    [['--out', out, '--phase', 'bot'], 'RUN_UNKNOWN_PHASE'],
  ];
  for (const [args, code] of slips)
    expect((await json<Failed>(['export', run, ...args])).document.error.code).toBe(code);
  expect(existsSync(out)).toBe(false);
});

test('without ONNX Runtime the file is written, and said to be unchecked; data that are gone are replaced by noise', async () => {
  const out = join(folder, 'unchecked.onnx');
  const { code, stderr, document } = await json<Exported>(['export', run, '--out', out], { env: withoutRuntime });
  expect(code, stderr).toBe(0);
  expect(document.checked).toBeUndefined();
  expect(document.outputs.every(({ difference }) => difference === undefined)).toBe(true);
  expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/not checked.*npm install onnxruntime-node --ignore-scripts/);
  expect((await readFile(out)).equals(await readFile(join(folder, 'model.onnx')))).toBe(true);

  const moved = join(folder, 'moved');
  await mkdir(join(moved, 'phases'), { recursive: true });
  const config = await readFile(join(run, 'config.json'), 'utf8');
  await copyFile(join(run, 'run.json'), join(moved, 'run.json'));
  await writeFile(join(moved, 'config.json'), config.replaceAll(tree, join(folder, 'nowhere')));
  await cp(join(run, 'phases'), join(moved, 'phases'), { recursive: true });
  const noise = await json<Exported>(['export', moved, '--out', join(folder, 'moved.onnx')]);
  expect(noise.document.checked).toContain('images of noise');
});

test('predict says the same in both runtimes, gates and all', async () => {
  const ask = async (...args: string[]): Promise<Predicted> => {
    const { code, stderr, document } = await json<Predicted>(['predict', run, ...some, ...args]);
    expect(code, stderr).toBe(0);
    return document;
  };
  const [own, other] = [await ask(), await ask('--runtime', 'onnxruntime')];
  expect([own.runtime, other.runtime]).toEqual([undefined, 'onnxruntime']);
  expect(other.files).toHaveLength(some.length);
  own.files.forEach((file, i) => {
    const theirs = other.files[i]!;
    file.findings.forEach(({ name, probability }, k) => {
      expect(theirs.findings[k]?.name).toBe(name);
      expect(theirs.findings[k]?.probability).toBeCloseTo(probability, 5);
    });
    expect(theirs.gates.map(({ head, passed }) => [head, passed])).toEqual(
      file.gates.map(({ head, passed }) => [head, passed]),
    );
    expect(theirs.boxes).toHaveLength(file.boxes.length);
    file.boxes.forEach((box, k) => {
      for (const side of ['x', 'y', 'width', 'height', 'score'] as const)
        expect(theirs.boxes[k]?.[side]).toBeCloseTo(box[side], 3);
    });
    expect(theirs.mask?.width).toBe(file.mask?.width);
  });
  expect(await ask()).toMatchObject({ files: own.files });
});

test('what ONNX Runtime does not do is refused before anything starts', async () => {
  const refused = async (...args: string[]): Promise<Failed['error']> => {
    const { code, document } = await json<Failed>(['predict', run, some[0] ?? '', '--runtime', 'onnxruntime', ...args]);
    expect(code).toBe(2);
    return document.error;
  };
  for (const args of [
    ['--precision', 'bfloat16'],
    ['--device', 'gpu'],
    ['--cam', 'Effusion', '--out', folder],
  ]) {
    const { code, message } = await refused(...args);
    expect(code).toBe('CLI_OPTION_VALUE');
    expect(message).toContain(args[0]);
  }
  const unknown = await json<Failed>(['predict', run, some[0] ?? '', '--runtime', 'onnx']);
  expect(unknown.document.error.message).toContain('tensorflow or onnxruntime');
  const missing = await json<Failed>(['predict', run, some[0] ?? '', '--runtime', 'onnxruntime'], {
    env: withoutRuntime,
  });
  expect([missing.code, missing.document.error.code]).toEqual([1, 'ONNX_RUNTIME_MISSING']);
  expect(missing.document.error.message).toContain('npm install onnxruntime-node --ignore-scripts');
});

test('shards of two runtimes are not merged', async () => {
  const out = join(folder, 'shards');
  const images = join(folder, 'films');
  await mkdir(images);
  for (const file of some) await copyFile(file, join(images, file.split('/').at(-1) ?? ''));
  const shard = (which: string, ...args: string[]) =>
    multichexnet(['predict', run, images, '--out', out, '--shard', which, ...args]);
  expect((await shard('0/2', '--runtime', 'onnxruntime')).code).toBe(0);
  expect((await shard('1/2')).code).toBe(0);
  const merged = await json<Failed>(['predict', 'merge', out]);
  expect(merged.document.error.code).toBe('PREDICT_SHARD');
  expect(merged.document.error.message).toContain('runtime');
  const again = await json<Failed>(['predict', run, images, '--out', out, '--shard', '0/2']);
  expect(again.document.error.code).toBe('PREDICT_SHARD');
});

test('a file of the run, a link and what is no ordinary file are not replaced', async () => {
  const before = await readFile(join(run, 'run.json'), 'utf8');
  const link = join(folder, 'link.onnx');
  await symlink(join(run, 'run.json'), link);
  for (const out of [join(run, 'run.json'), link, `${join(folder, 'new')}/`, '']) {
    const { code, document } = await json<Failed>(['export', run, `--out=${out}`]);
    expect([code, document.error.code], out).toEqual([2, out === '' ? 'CLI_MISSING_ARGUMENT' : 'CLI_OPTION_VALUE']);
  }
  expect(await readFile(join(run, 'run.json'), 'utf8')).toBe(before);
});
