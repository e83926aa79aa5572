import { readConfigFile, suggestion, type ConfigFile } from '@multichexnet/core';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../errors.js';

/** Protocols that come with this package. */
const FOLDER = fileURLToPath(new URL('../../protocols/', import.meta.url));
const ENDING = '.yaml';

export async function namedProtocols(): Promise<{ name: string; file: string }[]> {
  const files = (await readdir(FOLDER).catch(() => [] as string[])).filter((file) => file.endsWith(ENDING)).sort();
  return files.map((file) => ({ name: basename(file, ENDING), file: join(FOLDER, file) }));
}

/**
 * A protocol of this package by its name, else a file.
 * @throws CliError CLI_PROTOCOL_NOT_FOUND; MultichexnetError CONFIG_*
 */
export async function findProtocol(nameOrFile: string): Promise<ConfigFile> {
  const named = await namedProtocols();
  const known = named.find(({ name }) => name === nameOrFile);
  if (known !== undefined) return readConfigFile(known.file);
  const found = await stat(nameOrFile).catch(() => undefined);
  if (found === undefined)
    throw new CliError(
      'CLI_PROTOCOL_NOT_FOUND',
      `there is no protocol and no file "${nameOrFile}"; ${suggestion(
        nameOrFile,
        named.map(({ name }) => name),
      )}`,
    );
  return readConfigFile(nameOrFile);
}
