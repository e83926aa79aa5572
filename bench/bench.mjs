#!/usr/bin/env node
// `npm run bench -- NAME`: runs the TypeScript sources as they are, no build needed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('src/main.ts', import.meta.url));
const { status, signal } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--conditions=@multichexnet/source', main, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exit(signal === null ? (status ?? 1) : 130);
