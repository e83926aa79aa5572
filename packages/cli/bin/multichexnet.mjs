#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In a checkout the sources may be newer than the build; a published package has no sources and goes straight on.
if (existsSync(new URL('../src/', import.meta.url))) {
  const { ensureBuilt } = await import('../../../tools/ensure-built.mjs');
  await ensureBuilt();
}
const { main } = await import('../dist/main.js');
await main(process.argv.slice(2));
