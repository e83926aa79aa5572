import { PluginRegistryToken, problemLine, writeFileAtomic } from '@multichexnet/core';
import { resolve } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { drawContactSheet } from '../data/contact-sheet.js';
import { openRoots, requestedRoots, type OpenedRoot } from '../data/open-roots.js';
import { CliError } from '../errors.js';
import { shortPath } from '../output/format-error.js';
import { plural } from '../output/words.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const out = args.text('out');
  if (out === undefined) throw new CliError('CLI_MISSING_ARGUMENT', 'data preview wants --out SHEET.png');
  const count = args.whole('count', 1, 400) ?? 24;
  const columns = args.whole('columns', 1, 40) ?? 6;
  const size = args.whole('size', 64, 1024) ?? 224;
  const seed = args.whole('seed', 0) ?? 1;
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const { roots, mapProblems } = await openRoots(requestedRoots(args), registry);
  const { index } = roots[0] as OpenedRoot;
  for (const problem of [...mapProblems, ...index.problems]) logger.warn(problemLine(problem));
  const sheet = await drawContactSheet(index.samples, { count, columns, size, seed });
  const file = resolve(out);
  await writeFileAtomic(file, sheet.png);
  const broken = sheet.cells.filter(({ error }) => error !== undefined);
  return {
    document: { file, width: sheet.width, height: sheet.height, cells: sheet.cells },
    text: () =>
      [
        `${shortPath(file)}: ${plural(sheet.cells.length, 'image')} of ${index.samples.length}, ${sheet.width} x ${sheet.height} pixels`,
        ...broken.map(({ file: path, error }) => `${shortPath(path)}: ${error ?? ''}`),
      ].join('\n'),
    exitCode: broken.length > 0 ? 1 : 0,
  };
}
