import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { json, multichexnet, root, temporary } from './command.ts';

interface Trained {
  readonly run: string;
  readonly losses: Readonly<Record<string, { first10: number; last10: number }>>;
  readonly metrics: readonly {
    head: string;
    metric: string;
    value?: number;
    low?: number;
    high?: number;
    images: number;
  }[];
}
interface Predicted {
  readonly files: readonly {
    readonly file: string;
    readonly width?: number;
    readonly boxes?: readonly object[];
    readonly mask?: { readonly rle: string; readonly png?: string };
    readonly predictions?: Readonly<Record<string, { ageYears?: number }>>;
    readonly gates?: readonly { head: string; score: number; threshold: number; passed: boolean }[];
    readonly error?: { code: string };
  }[];
  readonly notice: string;
}

const tree = inject('phantom');
let folder: string;
let trained: Trained;

/** A user's folder, without node_modules: a typed config and somebody else's head in a folder beside it. */
const CONFIG = `
import { defineConfig } from '@multichexnet/cli';
import age from './head-age/index.js';

export default defineConfig({
  plugins: [age],
  datasets: {
    rsna: { kind: 'rsna', root: ${JSON.stringify(join(tree, 'rsna'))} },
    siim: { kind: 'siim', root: ${JSON.stringify(join(tree, 'siim'))} },
  },
  model: {
    encoder: { kind: 'densenet', depth: 'small', size: 32 },
    heads: { det: { kind: 'det', anchors: 2, channels: 8 }, seg: { kind: 'seg', growth: 4, layers: 1 }, age: { kind: 'age', hidden: 8 } },
  },
  train: {
    schedule: { kind: 'alternating', turns: [{ dataset: 'rsna', heads: ['det', 'age'] }, { dataset: 'siim', heads: ['seg'] }] },
    optimizer: { kind: 'adam', learningRate: 3e-3, schedule: { kind: 'cosine', warmup: 2 } },
    steps: 40, batchSize: 8, seed: 1, resamples: 100,
    patientMap: ${JSON.stringify(join(tree, 'patient_map.csv'))},
  },
});
`;

beforeAll(async () => {
  folder = await temporary();
  await mkdir(join(folder, 'head-age'));
  await copyFile(join(root, 'examples/head-age/index.ts'), join(folder, 'head-age/index.ts'));
  await writeFile(join(folder, 'multichexnet.config.ts'), CONFIG);
  const { code, document, stdout } = await json<Trained>(['train', '--out', 'run'], { cwd: folder });
  expect(code, stdout).toBe(0);
  trained = document;
});

test("somebody else's head trains beside det and seg, without a change to any package", () => {
  expect(Object.keys(trained.losses)).toEqual(['det@rsna', 'age@rsna', 'seg@siim']);
  for (const { first10, last10 } of Object.values(trained.losses)) expect(last10).toBeLessThan(first10);
  const heads = new Set(trained.metrics.map(({ head }) => head));
  expect([...heads].sort()).toEqual(['age', 'det', 'seg']);
  for (const { value, low, high } of trained.metrics)
    if (value !== undefined) expect((low ?? 0) <= value && value <= (high ?? 0)).toBe(true);
});

test('predict reads PNG and DICOM; a bad file costs only itself', async () => {
  const dicom = join(tree, 'rsna/stage_2_train_images');
  const [film = ''] = await readdir(dicom);
  const png = join(tree, 'chestxray14/images');
  const [picture = ''] = await readdir(png);
  await writeFile(join(folder, 'bad.dcm'), 'no image');
  const files = [join(dicom, film), 'bad.dcm', join(png, picture)];
  const { code, document } = await json<Predicted>(['predict', 'run', ...files, '--out', 'masks'], { cwd: folder });
  expect(code).toBe(1);
  expect(document.notice).toContain('not medical advice');
  expect(document.files.map(({ file }) => file)).toEqual(files);
  expect(document.files[1]).toEqual({
    file: 'bad.dcm',
    error: expect.objectContaining({ code: 'DICOM_NOT_DICOM' }) as object,
  });
  for (const prediction of [document.files[0], document.files[2]]) {
    expect(prediction).toMatchObject({ width: 64, height: 64, boxes: expect.any(Array) as unknown });
    expect(prediction?.predictions?.['age']?.ageYears).toEqual(expect.any(Number));
    const mask = await readFile(join(folder, prediction?.mask?.png ?? ''));
    expect(mask.subarray(1, 4).toString()).toBe('PNG');
  }
  const good = await multichexnet(['predict', 'run', files[0] ?? ''], { cwd: folder });
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('Research results, not medical advice.');
  expect(good.stdout).toContain('ageYears');
});

test('predict in bfloat16 says nearly the same, and one image the same as several', async () => {
  const pictures = await readdir(join(tree, 'chestxray14/images'));
  const files = pictures.slice(0, 3).map((name) => join(tree, 'chestxray14/images', name));
  const ages = async (...more: string[]): Promise<number[]> => {
    const { code, document, stderr } = await json<Predicted>(['predict', 'run', ...more], { cwd: folder });
    expect(code, stderr).toBe(0);
    return document.files.map(({ predictions }) => predictions?.['age']?.ageYears as number);
  };
  const several = await ages(...files);
  const [one] = await ages(files[0] ?? '');
  expect(one).toBeCloseTo(several[0] as number, 3);
  const rough = await ages(...files, '--precision', 'bfloat16');
  rough.forEach((age, i) => expect(Math.abs(age - (several[i] as number))).toBeLessThan(5));
  expect((await multichexnet(['predict', 'run', ...files, '--precision', 'half'], { cwd: folder })).code).toBe(2);
});

test('a config checks clean; --set is checked like the rest; the schema knows the third party', async () => {
  const inFolder = { cwd: folder };
  expect((await json<{ ok: boolean }>(['config', 'check'], inFolder)).document.ok).toBe(true);
  const typo = await json<{ problems: { path: string }[] }>(
    ['config', 'check', '--set', 'model.heads.age.hiden=1'],
    inFolder,
  );
  expect([typo.code, typo.document.problems.map(({ path }) => path)]).toEqual([2, ['model.heads.age.hiden']]);
  const { document } = await json<object>(['config', 'schema', 'multichexnet.config.ts'], inFolder);
  expect(JSON.stringify(document)).toContain('"const":"age"');
});

test('a training that is done goes on with nothing and answers the same', async () => {
  const { code, document, stdout } = await json<Trained>(['train', '--out', 'run', '--resume'], { cwd: folder });
  expect(code, stdout).toBe(0);
  expect(document.metrics).toEqual(trained.metrics);
  expect(document.losses).toEqual(trained.losses);
  const other = await json<{ error: { code: string } }>(
    ['train', '--out', 'run', '--resume', '--set', 'train.precision=bfloat16'],
    { cwd: folder },
  );
  expect([other.code, other.document.error.code]).toEqual([2, 'CLI_OPTION_VALUE']);
});
