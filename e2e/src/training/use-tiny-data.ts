import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@multichexnet/core';
import { needEngine } from '@multichexnet/testing';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { writeTinyData } from './tiny-data.js';

/** What a test file trains with. */
export interface TinyData {
  readonly engine: Engine;
  /** Gone after the last test. */
  readonly folder: string;
  /** Datasets `one` and `two`; in the first a patient has two images. */
  readonly data: string;
  /** A folder of its own for each run. */
  newRun(): string;
}

/** Writes the datasets once for the test file that calls it, has an engine for each of its tests, and clears up. */
export function useTinyData(name: string): TinyData {
  let folder: string;
  let engine: Engine;
  let runs = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `${name}-`));
    await writeTinyData(join(folder, 'data', 'one'), { images: 40, perPatient: 2, seed: 1 });
    await writeTinyData(join(folder, 'data', 'two'), { images: 36, seed: 2 });
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async (context) => {
    engine = await needEngine(context);
  });
  return {
    get engine() {
      return engine;
    },
    get folder() {
      return folder;
    },
    get data() {
      return join(folder, 'data');
    },
    newRun: () => join(folder, `run-${++runs}`),
  };
}
