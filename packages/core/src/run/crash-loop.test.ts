import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { saveCheckpoint } from '../store/checkpoint.js';
import { noteOrderlyEnd, noteStart } from './crash-loop.js';
import { RunStore } from './run-store.js';

let store: RunStore;
beforeEach(async () => {
  store = new RunStore(await mkdtemp(join(tmpdir(), 'mcx-crash-')));
});
afterEach(() => rm(store.folder, { recursive: true }));

const start = (): Promise<void> => noteStart(store, 'train');
const refused = expect.objectContaining({ code: 'CRASH_LOOP' }) as Error;

test('three starts without a new checkpoint, and the fourth is refused; a checkpoint or an orderly end counts anew', async () => {
  for (let i = 0; i < 3; i++) await start();
  await expect(start()).rejects.toThrow(refused);
  await saveCheckpoint(store.phaseFolder('train'), { step: 5, model: {}, optimizer: {} });
  for (let i = 0; i < 3; i++) await start();
  await expect(start()).rejects.toThrow('after step 5');
  await noteOrderlyEnd(store);
  await start();
});
