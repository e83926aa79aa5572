import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ParsedArguments } from '../arguments/parse-arguments.js';
import { findShard, shardOf } from './find-shard.js';
import { listImages } from './list-images.js';
import { mergeShards } from './merge-shards.js';
import { shardFile, ShardWriter, type ShardHead } from './shard-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-shards-'));
});
afterEach(() => rm(folder, { recursive: true }));

const code = (name: string): unknown => expect.objectContaining({ code: name });
const args = (values: Record<string, string>) =>
  new ParsedArguments([], new Map(Object.entries(values).map(([name, value]) => [name, [value]])));

test('which shard: the flag, a Slurm array from its first index, a Job’s completion index, else everything', () => {
  const slurm = { SLURM_ARRAY_TASK_ID: '7', SLURM_ARRAY_TASK_MIN: '4', SLURM_ARRAY_TASK_COUNT: '6' };
  expect(findShard(args({ shard: '2/5' }), slurm)).toEqual({ index: 2, count: 5 });
  expect(findShard(args({}), slurm)).toEqual({ index: 3, count: 6 });
  expect(findShard(args({ shards: '8' }), { JOB_COMPLETION_INDEX: '7' })).toEqual({ index: 7, count: 8 });
  expect(findShard(args({}), {})).toEqual({ index: 0, count: 1 });
  for (const shard of ['5/5', '1', '-1/2', '0/0', 'a/b'])
    expect(() => findShard(args({ shard }), {})).toThrow(code('CLI_OPTION_VALUE'));
  expect(() => findShard(args({}), { JOB_COMPLETION_INDEX: '1' })).toThrow(code('CLI_MISSING_ARGUMENT'));
  expect(() => findShard(args({ shards: '2' }), {})).toThrow(code('CLI_MISSING_ARGUMENT'));
  expect(() => findShard(args({ shards: '2' }), { JOB_COMPLETION_INDEX: '2' })).toThrow(code('CLI_OPTION_VALUE'));
});

test('files fall to the shards evenly, by their path alone', () => {
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) counts[shardOf(`patient${i}/film.dcm`, 4)]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('image files of a folder and those below it, in order', async () => {
  await mkdir(join(folder, 'b/.hidden'), { recursive: true });
  for (const name of ['b/2.dcm', 'b/1', 'a.PNG', 'c.jpeg', 'notes.txt', '.DS_Store', 'b/.hidden/x.png'])
    await writeFile(join(folder, name), '');
  await symlink(folder, join(folder, 'loop.png'));
  const all = ['a.PNG', 'b/1', 'b/2.dcm', 'c.jpeg', 'loop.png'];
  expect(await listImages(folder, tmpdir())).toEqual(all);
  // What another shard drew meanwhile is no film.
  const out = join(folder, 'b/out');
  await mkdir(join(out, 'masks/b'), { recursive: true });
  for (const name of ['out/masks/b/1.png', 'out/x.png', 'outer.png']) await writeFile(join(folder, 'b', name), '');
  expect(await listImages(folder, out)).toEqual([...all.slice(0, 3), 'b/outer.png', ...all.slice(3)]);
  await symlink(out, join(folder, 'to-out'));
  expect(await listImages(folder, join(folder, 'to-out'))).not.toContain('b/out/x.png');
  await expect(listImages(folder, join(folder, 'b/..'))).rejects.toThrow(code('CLI_OPTION_VALUE'));
});

const head = (index: number, more: Partial<ShardHead> = {}): ShardHead => ({
  ...{ run: 'r', phase: 'p', model: 'm', listing: 'l', index, count: 2, files: 2 },
  ...more,
});

async function write(given: ShardHead, ...files: string[]): Promise<void> {
  const writer = await ShardWriter.open(folder, given);
  for (const file of files) await writer.add({ file });
  await writer.close();
}

test('a shard that was torn off goes on behind its last whole line; merging tells what is missing', async () => {
  await write(head(0), 'd', 'b');
  await write(head(1), 'a');
  const file = shardFile(folder, { index: 1, count: 2 });
  await appendFile(file, '{"file":"c","fin');
  const incomplete = expect.objectContaining({
    code: 'PREDICT_INCOMPLETE',
    message: expect.stringContaining('1/2 (1 of 2 images)') as string,
  }) as Error;
  await expect(mergeShards(folder)).rejects.toEqual(incomplete);
  const again = await ShardWriter.open(folder, head(1));
  expect([...again.done]).toEqual(['a']);
  await again.add({ file: 'c', error: { code: 'X', message: 'y' } });
  await again.close();
  expect(await mergeShards(folder)).toMatchObject({ files: 4, failed: 1 });
  const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim().split('\n');
  expect(await lines('predictions.jsonl')).toEqual(['{"file":"a"}', '{"file":"b"}', '{"file":"d"}']);
  expect(await lines('errors.jsonl')).toHaveLength(1);
});

test('shards of other models or lists are not mixed', async () => {
  await write(head(0), 'a', 'b');
  await expect(write(head(0, { model: 'other' }))).rejects.toThrow(code('PREDICT_SHARD'));
  await write(head(1, { listing: 'other' }), 'c', 'd');
  await expect(mergeShards(folder)).rejects.toThrow(code('PREDICT_SHARD'));
  await write(head(0, { count: 3 }), 'a');
  await expect(mergeShards(folder)).rejects.toThrow(code('PREDICT_SHARD'));
  await rm(folder, { recursive: true });
  await mkdir(folder);
  await expect(mergeShards(folder)).rejects.toThrow(code('PREDICT_INCOMPLETE'));
  await writeFile(shardFile(folder, { index: 0, count: 1 }), 'no json\n');
  await expect(mergeShards(folder)).rejects.toThrow(code('PREDICT_SHARD'));
});
