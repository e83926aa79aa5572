import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../errors.js';
import type { PinnedWheel } from './pinned-wheel.js';

const PYTHONS = ['python3', 'python'];
const POLL_MS = 250;

/** The first Python on the PATH that has pip. @throws {EngineError} `ENGINE_PYTHON_MISSING` */
export async function findPython(env: NodeJS.ProcessEnv): Promise<string> {
  const tried: string[] = [];
  for (const python of PYTHONS) {
    const result = await run(python, ['-m', 'pip', '--version'], env);
    if (result.code === 0) return python;
    tried.push(`${python}: ${lastLine(result.output)}`);
  }
  throw new EngineError(
    'ENGINE_PYTHON_MISSING',
    `TensorFlow's library is fetched from PyPI with pip, and no Python with pip answers (${tried.join('; ')}). ` +
      'Either install Python 3 with pip and run setup again, or set MULTICHEXNET_TENSORFLOW to the `tensorflow` folder of an unpacked ' +
      'TensorFlow 2.18 or newer wheel for linux-x64.',
  );
}

/**
 * Downloads the wheel into `directory` with `pip download`; pip's own configuration (index, proxy, certificates) applies.
 *
 * @returns the wheel's path
 * @throws {EngineError} `ENGINE_DOWNLOAD_FAILED` with the end of pip's output
 */
export async function pipDownload(
  python: string,
  wheel: PinnedWheel,
  directory: string,
  env: NodeJS.ProcessEnv,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--implementation', 'cp'];
  args.push('--python-version', wheel.pythonVersion, '--abi', wheel.abi, '--platform', wheel.platform);
  args.push(
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--no-input',
    '--quiet',
    '--dest',
    directory,
    wheel.requirement,
  );
  // pip reports no progress without a terminal: its temporary folder is ours, so the size of what it holds says how far it is.
  const timer = setInterval(() => void folderBytes(directory).then(onBytes, () => undefined), POLL_MS);
  try {
    const result = await run(python, args, { ...env, TMPDIR: directory });
    if (result.code !== 0) {
      throw new EngineError(
        'ENGINE_DOWNLOAD_FAILED',
        `pip could not download ${wheel.requirement} (exit ${result.code ?? 'unknown'}): ${tail(result.output)} ` +
          'Check the network and pip configuration, or set MULTICHEXNET_TENSORFLOW to a folder with the library.',
      );
    }
  } finally {
    clearInterval(timer);
  }
  const files = (await readdir(directory)).filter((name) => name.endsWith('.whl'));
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new EngineError(
      'ENGINE_DOWNLOAD_FAILED',
      `pip left ${files.length} wheels (${files.join(', ')}) where ${wheel.file} was expected.`,
    );
  }
  return join(directory, file);
}

interface RunResult {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function folderBytes(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true });
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        (entry) => (entry.isFile() ? entry.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
const tail = (text: string) => text.trim().split('\n').slice(-4).join(' | ');
