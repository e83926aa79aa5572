import { PluginRegistryToken, type Logger } from '@multichexnet/core';
import { spawnSync } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { checkEngine } from '../health/check-engine.js';
import { checksDocument, formatChecks, type Check } from '../health/check.js';
import { toProblem } from '../output/format-error.js';
import { VERSION } from '../version.js';

const GIB = 2 ** 30;
/** What the demo needs, with room to spare. */
const MEMORY_GIB = 4;
const DISK_GIB = 4;

export async function run({ logger }: CommandContext): Promise<CommandResult> {
  const library = await checkLibrary();
  const checks = [
    { name: 'multichexnet', ok: true, detail: VERSION },
    checkNode(process.versions.node),
    checkPlatform(),
    library,
    checkPython(library.ok),
    library.ok ? await checkEngine() : skippedEngine(),
    checkPlugins(logger),
    checkMemory(),
    await checkDisk(),
  ];
  const document = checksDocument(checks);
  return { document, text: (style) => formatChecks(checks, style), exitCode: document.ok ? 0 : 1 };
}

/** `^20.19 || ^22.13 || >=24`, as package.json says. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24;
  return { name: 'node', ok, detail: version, remedy: 'use Node 20.19, 22.13, 24 or newer' };
}

function checkPlatform(): Check {
  const detail = `${process.platform}-${process.arch}`;
  return { name: 'platform', ok: detail === 'linux-x64', detail, remedy: 'use a linux-x64 machine or container' };
}

async function checkLibrary(): Promise<Check> {
  const { findLibrary } = await import('@multichexnet/engine');
  try {
    const { directory, source } = findLibrary();
    return { name: 'library', ok: true, detail: `${withoutHome(directory)} (${source})` };
  } catch (error) {
    return { name: 'library', ok: false, detail: toProblem(error).message, remedy: 'multichexnet setup' };
  }
}

function checkPython(hasLibrary: boolean): Check {
  const { status, stdout } = spawnSync('python3', ['-m', 'pip', '--version'], { encoding: 'utf8' });
  const found = status === 0;
  const version = /pip (\S+).*python (\S+)\)/.exec(stdout);
  return {
    name: 'python',
    ok: found || hasLibrary,
    detail: found
      ? `pip ${version?.[1] ?? '?'}, python ${version?.[2] ?? '?'}`
      : `no python3 with pip${hasLibrary ? '; not needed, the library is there' : ''}`,
    remedy: 'install Python 3 with pip, or set MULTICHEXNET_TENSORFLOW to a folder with the library',
  };
}

function skippedEngine(): Check {
  return { name: 'engine', ok: false, detail: 'not tried: there is no library', remedy: 'multichexnet setup' };
}

function checkPlugins(logger: Logger): Check {
  try {
    const registry = createContainer({ logger }).get(PluginRegistryToken);
    const kinds = (['encoder', 'head', 'dataset'] as const).map((role) => `${role}s ${registry.kinds(role).join(' ')}`);
    return { name: 'plugins', ok: true, detail: kinds.join('; ') };
  } catch (error) {
    return { name: 'plugins', ok: false, detail: toProblem(error).message, remedy: 'reinstall the packages: npm ci' };
  }
}

function checkMemory(): Check {
  const [total, free] = [totalmem() / GIB, freemem() / GIB];
  return {
    name: 'memory',
    ok: total >= MEMORY_GIB,
    detail: `${total.toFixed(1)} GiB, ${free.toFixed(1)} free`,
    remedy: `use a machine with ${MEMORY_GIB} GiB`,
  };
}

async function checkDisk(): Promise<Check> {
  const { bavail, bsize } = await statfs('.');
  const free = (bavail * bsize) / GIB;
  return {
    name: 'disk',
    ok: free >= DISK_GIB,
    detail: `${free.toFixed(1)} GiB free here`,
    remedy: `free ${DISK_GIB} GiB, or run in another folder`,
  };
}

/** Reports are pasted into issues: no user names. */
function withoutHome(path: string): string {
  const home = process.env['HOME'] ?? '';
  return home !== '' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
