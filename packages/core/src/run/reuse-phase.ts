import { copyFile, link, mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { RunStore } from './run-store.js';

/** Finished runs whose phases may stand in for those of another one. */
export interface Reuse {
  /** Folders of runs. */
  readonly folders: readonly string[];
  /** Of the code that trains: a phase of other code is another phase. */
  readonly build: string;
}

/** What says what a phase was measured on or who ran it; the rest is what it learned. */
const OWN_FILES = new Set(['evaluation.json', 'phase.json', 'inputs.json']);

/**
 * Takes over what a finished phase of another run learned - checkpoints and histories, as hard links - where it was trained by the very same inputs.
 * @param training hash over everything that the phase learns from
 * @returns `run#phase` that it was taken from; undefined when there is none
 */
export async function reusePhase(
  store: RunStore,
  phase: string,
  training: string,
  { folders }: Reuse,
): Promise<string | undefined> {
  const target = store.phaseFolder(phase);
  for (const folder of folders)
    for (const run of await runsBelow(folder)) {
      if (run === store.folder) continue;
      const other = new RunStore(run);
      for (const name of await names(join(run, 'phases'))) {
        // A run that is being written, or was broken by hand, is no reason to fail.
        const found = await other.readJson<{ training?: string }>('phases', name, 'phase.json').catch(() => undefined);
        if (found?.training !== training) continue;
        await linkFiles(other.phaseFolder(name), target);
        return `${relative(dirname(store.folder), run)}#${name}`;
      }
    }
  return undefined;
}

/** Runs in a folder, and the seeds of those that have several. */
async function runsBelow(folder: string): Promise<string[]> {
  const runs = (await names(folder)).map((name) => join(folder, name));
  const seeds = await Promise.all(
    runs.map(async (run) =>
      (await names(run)).filter((name) => /^seed-\d+$/.test(name)).map((name) => join(run, name)),
    ),
  );
  return [...runs, ...seeds.flat()];
}

async function names(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function linkFiles(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || OWN_FILES.has(entry.name) || basename(entry.name).startsWith('gate-')) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, relative(from, source));
    await mkdir(dirname(target), { recursive: true });
    // Files of a finished phase are replaced, never written into, so two runs can share them. Another file system takes a copy.
    await link(source, target).catch(() => copyFile(source, target));
  }
}
