import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../errors.js';

const ENDINGS = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'];

/** The file given, else `multichexnet.config.*` of the working directory. @throws CliError CLI_CONFIG_NOT_FOUND */
export async function findConfig(given: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (await isFile(given)) return resolve(given);
    throw new CliError('CLI_CONFIG_NOT_FOUND', `there is no config ${given}`);
  }
  for (const ending of ENDINGS) {
    const file = `multichexnet.config.${ending}`;
    if (await isFile(file)) return resolve(file);
  }
  throw new CliError(
    'CLI_CONFIG_NOT_FOUND',
    `there is no multichexnet.config.{${ENDINGS.join(',')}} in this folder; write one or name a file`,
  );
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
