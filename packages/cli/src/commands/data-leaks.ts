import { PluginRegistryToken, problemLine } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { findLeaks, type LeakBasis, type LeakReport, type LeakSide } from '../data/find-leaks.js';
import { openRoots, requestedRoots } from '../data/open-roots.js';
import { CliError } from '../errors.js';
import { wrap, type Style } from '../output/style.js';
import { plural } from '../output/words.js';

const BASES: readonly string[] = ['official', 'assigned'] satisfies LeakBasis[];

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const by = args.text('by') ?? 'official';
  if (!BASES.includes(by)) throw new CliError('CLI_OPTION_VALUE', `--by wants official or assigned, got "${by}"`);
  const seed = args.whole('seed', 0) ?? 1;
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const { roots, mapProblems } = await openRoots(requestedRoots(args), registry);
  for (const problem of mapProblems) logger.warn(problemLine(problem));
  const found = findLeaks(
    roots.map(({ index }) => index),
    by as LeakBasis,
    seed,
  );
  const gaps = roots.flatMap(({ kind, index, unmapped = 0 }) =>
    unmapped === 0
      ? []
      : [
          `${kind}: the patient map has no row for ${unmapped} of ${index.counts.images} images; their patients are its own`,
        ],
  );
  const report: LeakReport = { ...found, notes: [...found.notes, ...gaps] };
  return { document: report, text: (style) => format(report, style), exitCode: report.leaks.length > 0 ? 1 : 0 };
}

const SHOWN = 40;

function format({ by, datasets, leaks, notes }: LeakReport, style: Style): string {
  const parts = datasets.map(({ kind, parts }) => {
    const counts = Object.entries(parts).filter(([, count]) => count > 0);
    return `${style.bold(kind)}  ${counts.map(([part, count]) => `${part} ${count}`).join(', ')}`;
  });
  const shown = leaks
    .slice(0, SHOWN)
    .flatMap(({ patient, held, training }) => [
      style.bold(patient),
      ...[...held, ...training].map((side) => wrap(formatSide(side), style.width, '  ')),
    ]);
  const split = by === 'official' ? "by the datasets' own lists" : 'as training splits them together';
  const result =
    leaks.length === 0
      ? style.green(`no patient stands in training and is held out, ${split}`)
      : style.red(`${plural(leaks.length, 'patient')} in training and held out, ${split}`);
  const more = leaks.length > SHOWN ? [`and ${leaks.length - SHOWN} more; --json lists all`] : [];
  return [...parts, ...notes.map((note) => wrap(note, style.width)), ...shown, ...more, result].join('\n');
}

const NAMED = 5;

function formatSide({ dataset, split, images }: LeakSide): string {
  const more = images.length > NAMED ? ` and ${images.length - NAMED} more` : '';
  return `${split} of ${dataset}: ${images.slice(0, NAMED).join(', ')}${more}`;
}
