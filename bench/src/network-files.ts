import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerPython, PYTHON_ENV } from './contender.js';
import { BenchError } from './errors.js';

/** Folder with the network that all contenders of a benchmark load; made on first use by peers/export_network.py. */
export function networkFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'multichexnet', 'bench-network-1');
  if (existsSync(folder)) return folder;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const script = fileURLToPath(new URL('../peers/export_network.py', import.meta.url));
  const { status, stderr } = spawnSync(peerPython(), [script, part], {
    encoding: 'utf8',
    env: { ...process.env, ...PYTHON_ENV },
  });
  if (status !== 0)
    throw new BenchError('BENCH_CONTENDER_FAILED', `the network cannot be exported: ${stderr.slice(-2000)}`);
  renameSync(part, folder);
  return folder;
}
