import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'packages/cli/bin/multichexnet.mjs');

export interface Finished {
  /** Null after a signal that was not handled. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly bin?: string;
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the command as a user does: its own process, no terminal. */
export function multichexnet(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(process.execPath, [options.bin ?? bin, ...args], {
    cwd: options.cwd ?? root,
    env: { ...withoutTestRunner(process.env), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The one document on stdout. */
export async function json<T>(args: readonly string[], options: RunOptions = {}): Promise<Finished & { document: T }> {
  const finished = await multichexnet([...args, '--json'], options);
  try {
    return { ...finished, document: JSON.parse(finished.stdout) as T };
  } catch {
    throw new Error(`no JSON document:\n${finished.stdout}\n${finished.stderr}`);
  }
}

export function temporary(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'mcx-e2e-'));
}

/** Vitest sets variables that a user does not have. */
function withoutTestRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST|MODE|FORCE_COLOR)/.test(name)),
  );
}

/** `--data KIND=ROOT` for datasets of a tree. */
export function dataOf(tree: string, kinds: readonly string[]): string[] {
  return kinds.flatMap((kind) => ['--data', `${kind}=${join(tree, kind)}`]);
}
