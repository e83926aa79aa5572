import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetsBegun } from './forget-begun.js';
import { RunStore } from './run-store.js';

let store: RunStore;

beforeEach(async () => {
  store = new RunStore(await mkdtemp(join(tmpdir(), 'mcx-begun-')));
});
afterEach(() => rm(store.folder, { recursive: true, force: true }));

async function begin(): Promise<void> {
  await store.writeJson({}, 'config.json');
  await store.writeJson({}, 'run.json');
  await store.log({ event: 'phase' });
  await store.writeJson({}, 'phases', 'train', 'inputs.json');
}

test('what a run has begun is removed, and nothing that was there before', async () => {
  await store.writeText('mine', 'notes.txt');
  await store.writeText('mine', 'phases', 'notes.txt');
  const forget = await forgetsBegun(store);
  await begin();
  await forget();
  expect((await readdir(store.folder)).sort()).toEqual(['notes.txt', 'phases']);
});

test('of a run that was there nothing is removed', async () => {
  await begin();
  await (
    await forgetsBegun(store)
  )();
  expect((await readdir(store.folder)).sort()).toEqual(['config.json', 'log.jsonl', 'phases', 'run.json']);
});
