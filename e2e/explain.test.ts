import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json, multichexnet } from './command.ts';
import { useTinyRun } from './use-tiny-run.ts';

interface Interval {
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
}

interface Explained {
  readonly phase: string;
  readonly head: string;
  readonly level: string;
  readonly tolerance: number;
  readonly share: number;
  readonly scores: readonly { finding: string; images: number; pointing: Interval; iou: Interval }[];
  readonly images: readonly { finding: string; overlay: string }[];
  readonly notice: string;
}

interface Predicted {
  readonly files: readonly {
    readonly file: string;
    readonly cams?: readonly { finding: string; head: string; png: string }[];
    readonly error?: { readonly code: string };
  }[];
}

interface Failed {
  readonly error: { readonly code: string; readonly message: string };
}

const tiny = useTinyRun();
const films = join(tiny.tree, 'rsna/stage_2_train_images');

/** Width and height of a PNG. */
async function sizeOf(png: string): Promise<[number, number]> {
  const bytes = await readFile(png);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test('explain compares heat maps with the boxes of the test part, and draws them', async () => {
  const out = join(tiny.folder, 'overlays');
  const { code, document, stderr } = await json<Explained>([
    ...['explain', tiny.run, '--phase', 'classifier', '--out', out, '--images', '3'],
  ]);
  expect(code, stderr).toBe(0);
  expect(document).toMatchObject({ phase: 'classifier', head: 'cls', tolerance: 0, share: 0.5 });
  expect(document.level).not.toBe('');
  expect(document.notice).toContain('not medical advice');
  const names = document.scores.map(({ finding }) => finding);
  expect(names.length).toBeGreaterThan(2);
  expect(names).toEqual([...names.slice(0, -1).sort(), 'all']);
  for (const { pointing, iou } of document.scores)
    for (const { value = -1 } of [pointing, iou]) expect(value >= 0 && value <= 1).toBe(true);
  expect(document.images).toHaveLength(3);
  for (const { overlay } of document.images) expect(await sizeOf(overlay)).toEqual([512, 512]);
  expect((await readdir(out)).length).toBe(3);
  // Without a phase: the one that was taught these findings, not the one with most heads.
  const { stdout } = await multichexnet(['explain', tiny.run, '--quiet']);
  expect(stdout).toMatch(/^classifier  head cls/);
  expect(stdout).toMatch(/finding +images +pointing +IoU/);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a tolerance beyond the film hits wherever a map points; a share of 1 is a box of the maximum alone', async () => {
  const explain = async (...more: string[]): Promise<Explained['scores'][number]> => {
    const { document } = await json<Explained>(['explain', tiny.run, '--phase', 'classifier', ...more]);
    return document.scores.at(-1)!;
  };
  const plain = await explain();
  const generous = await explain('--tolerance', '1000');
  expect(generous.pointing.value).toBeGreaterThan(plain.pointing.value!);
  expect(generous.iou).toEqual(plain.iou);
  const strict = await explain('--share', '1');
  expect(strict.pointing).toEqual(plain.pointing);
  expect(strict.iou.value).not.toBe(plain.iou.value);
});

test.each([
  [['--share', '0'], 'CLI_OPTION_VALUE', '--share wants a number above 0, at most 1, got "0"'],
  [['--tolerance', '-1'], 'CLI_OPTION_VALUE', '--tolerance'],
  [['--head', 'clss'], 'EXPLAIN_HEAD_UNKNOWN', 'did you mean "cls"'],
  [['--phase', 'both', '--head', 'det'], 'EXPLAIN_NOTHING', 'head "det" knows no finding that has boxes'],
  [['--data', 'rsna=x'], 'CLI_DATA_INVALID', 'only chestxray14 has boxes'],
])('explain %j is refused by %s', async (more, code, words) => {
  const { code: status, document } = await json<Failed>(['explain', tiny.run, '--phase', 'classifier', ...more]);
  expect([status, document.error.code]).toEqual([2, code]);
  expect(document.error.message).toContain(words);
});

test('predict draws where the network looks for each finding, beside the masks', async () => {
  const [first = '', second = ''] = await readdir(films);
  const bad = join(tiny.folder, 'bad.dcm');
  await writeFile(bad, 'no image');
  const out = join(tiny.folder, 'where');
  const { document } = await json<Predicted>([
    ...['predict', tiny.run, join(films, first), bad, join(films, second), '--out', out],
    ...['--cam', 'Effusion', '--cam', 'mask', '--cam', 'Effusion'],
  ]);
  expect(document.files[1]).toMatchObject({ error: { code: 'DICOM_NOT_DICOM' } });
  expect(document.files[1]).not.toHaveProperty('cams');
  for (const { cams = [] } of [document.files[0]!, document.files[2]!]) {
    expect(cams.map(({ finding, head }) => [finding, head])).toEqual([
      ['Effusion', 'cls'],
      ['mask', 'seg'],
    ]);
    for (const { png } of cams) expect(await sizeOf(png)).toEqual([512, 512]);
  }
  expect((await readdir(out)).sort()).toEqual(
    [first, second]
      .map((name) => name.replace(/\.dcm$/, ''))
      .flatMap((name) => [`${name}.Effusion.cam.png`, `${name}.mask.cam.png`, `${name}.mask.png`])
      .sort(),
  );
});

test.each([
  [['--cam', 'Efusion', '--out', 'where'], 'EXPLAIN_TARGET_UNKNOWN', 'did you mean "Effusion"'],
  [['--cam', 'Effusion'], 'CLI_MISSING_ARGUMENT', '--cam wants --out DIR'],
])('predict %j is refused by %s', async (more, code, words) => {
  const [film = ''] = await readdir(films);
  const result = await json<Failed>(['predict', tiny.run, join(films, film), ...more], { cwd: tiny.folder });
  expect([result.code, result.document.error.code]).toEqual([2, code]);
  expect(result.document.error.message).toContain(words);
});

test('heat maps of a folder lie beside its masks; shards with other heat maps are not mixed', async () => {
  const some = join(tiny.folder, 'some');
  await mkdir(join(some, 'below'), { recursive: true });
  const names = (await readdir(films)).slice(0, 3);
  for (const name of names) await copyFile(join(films, name), join(some, 'below', name));
  const out = join(tiny.folder, 'shards');
  const predict = ['predict', tiny.run, some, '--out', out];
  expect(await multichexnet([...predict, '--cam', 'Effusion'])).toMatchObject({ code: 0 });
  const lines = (await readFile(join(out, 'shard-0-of-1.jsonl'), 'utf8')).trim().split('\n').slice(1);
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const { file, cams } = JSON.parse(line) as Predicted['files'][number];
    expect(cams).toEqual([{ finding: 'Effusion', head: 'cls', png: `cams/${file}.Effusion.png` }]);
    expect(await sizeOf(join(out, cams?.[0]?.png ?? ''))).toEqual([512, 512]);
  }
  const other = await json<Failed>([...predict, '--cam', 'mask']);
  expect(other.document.error.code).toBe('PREDICT_SHARD');
});
