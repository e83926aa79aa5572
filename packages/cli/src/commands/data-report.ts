import { PluginRegistryToken, problemLine, writeFileAtomic } from '@multichexnet/core';
import { resolve } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { drawContactSheet } from '../data/contact-sheet.js';
import { findLeaks } from '../data/find-leaks.js';
import { measureRoots } from '../data/measure-roots.js';
import { openRoots, requestedRoots } from '../data/open-roots.js';
import { renderDataReport } from '../data/report/data-report.js';
import { CliError } from '../errors.js';
import { shortPath } from '../output/format-error.js';
import { plural } from '../output/words.js';
import { VERSION } from '../version.js';

const SHEET = { count: 24, columns: 8, size: 160, seed: 1 };

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const out = args.text('out');
  if (out === undefined) throw new CliError('CLI_MISSING_ARGUMENT', 'data report wants --out REPORT.html');
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const { roots, mapProblems } = await openRoots(requestedRoots(args), registry);
  for (const problem of mapProblems) logger.warn(problemLine(problem));
  const { datasets, duplicates } = await measureRoots(roots, true, logger);
  const leaks = findLeaks(
    roots.map(({ index }) => index),
    'official',
    SHEET.seed,
  );
  const parts = [];
  for (const [i, { index, notes }] of roots.entries()) {
    const stats = datasets[i];
    if (stats !== undefined) parts.push({ stats, notes, sheet: await drawContactSheet(index.samples, SHEET) });
  }
  const made = `multichexnet ${VERSION}, ${new Date().toISOString().slice(0, 10)}`;
  const html = await renderDataReport({ datasets: parts, duplicates, leaks, made });
  const file = resolve(out);
  await writeFileAtomic(file, html);
  const problems = datasets.reduce((sum, stats) => sum + stats.problems.length, 0);
  return {
    document: {
      file,
      bytes: Buffer.byteLength(html),
      problems,
      leaks: leaks.leaks.length,
      duplicates: duplicates.length,
    },
    text: () =>
      `${shortPath(file)}: ${plural(problems, 'problem')}, ${plural(leaks.leaks.length, 'leaking patient')}, ${plural(duplicates.length, 'group')} of images that look the same`,
  };
}
