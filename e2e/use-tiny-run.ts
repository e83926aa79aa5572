import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { dataOf, multichexnet, root, temporary } from './command.ts';

/** What a test file asks about. */
export interface TinyRun {
  /** The phantom tree of all tests, for reading only. */
  readonly tree: string;
  /** Gone after the last test. */
  readonly folder: string;
  /** Of the finished run, within that folder. */
  readonly run: string;
}

/**
 * Runs `tiny.yaml`, every kind of phase in a few steps, once for the test file that calls it, and clears up.
 * @param more words of the command
 */
export function useTinyRun(...more: string[]): TinyRun {
  const tree = inject('phantom');
  let folder: string;
  beforeAll(async () => {
    folder = await temporary();
    const { code, stderr } = await multichexnet([
      ...['protocol', 'run', join(root, 'e2e/tiny.yaml'), '--out', join(folder, 'run'), '--no-reuse'],
      ...[...dataOf(tree, ['chestxray14', 'rsna', 'siim']), '--patient-map', join(tree, 'patient_map.csv'), ...more],
    ]);
    expect(code, stderr).toBe(0);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    tree,
    get folder() {
      return folder;
    },
    get run() {
      return join(folder, 'run');
    },
  };
}
