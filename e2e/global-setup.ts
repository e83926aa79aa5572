import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { multichexnet } from './command.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A phantom tree of 100 films a dataset, for reading only. */
    readonly phantom: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'mcx-e2e-'));
  const phantom = join(folder, 'phantom');
  const { code, stderr } = await multichexnet([
    'phantom',
    '--out',
    phantom,
    '--images',
    '100',
    '--size',
    '64',
    '--quiet',
  ]);
  if (code !== 0) throw new Error(`no phantom images for the tests: ${stderr}`);
  provide('phantom', phantom);
  return () => rm(folder, { recursive: true, force: true });
}
