import { PluginRegistryToken } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { countSection } from '../output/count-section.js';
import { columns, type Style } from '../output/style.js';
import { formatProblems, hasErrors } from '../output/format-problems.js';
import { plural } from '../output/words.js';
import { openRoots, requestedRoots, type OpenedRoot } from '../data/open-roots.js';
import { verifyRoot, verifyTable, type RootReport, type TableCheck } from '../data/verify-root.js';
import { createContainer } from '../create-container.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const [kind, folder, table] = [args.at(0), args.at(1), args.text('table')];
  if (table !== undefined) {
    const report = await verifyTable(registry.dataset(kind), folder, table);
    return {
      document: report,
      text: (style) => formatTable(report, style),
      exitCode: hasErrors(report.problems) ? 1 : 0,
    };
  }
  const { roots, mapProblems } = await openRoots(requestedRoots(args), registry);
  const report = await verifyRoot({
    root: roots[0] as OpenedRoot,
    mapProblems,
    logger,
    pixels: !args.flag('no-pixels'),
  });
  return { document: report, text: (style) => formatRoot(report, style), exitCode: hasErrors(report.problems) ? 1 : 0 };
}

function formatRoot(report: RootReport, style: Style): string {
  const { kind, root, images, patients, boxes, masks, positives, labels, splits, skipped, usable, problems } = report;
  const counts = [
    ['images', String(images), `${usable.images} usable`],
    ['patients', String(patients), `${usable.patients} usable`],
    ['boxes', String(boxes)],
    ['mask rows', String(masks)],
    ...(positives === undefined ? [] : [['positives', String(positives)]]),
  ];
  return [
    `${style.bold(kind)}  ${root}`,
    ...columns(counts.map((row) => [`  ${row[0] ?? ''}`, (row[1] ?? '').padStart(7), row[2] ?? ''])),
    ...countSection('labels', Object.entries(labels), style),
    ...countSection(
      'parts by patient',
      Object.entries(splits).map(([name, part]) => [name, part.images]),
      style,
    ),
    ...countSection('skipped', Object.entries(skipped), style),
    ...formatProblems(problems, style),
  ].join('\n');
}

function formatTable({ file, rows, problems }: TableCheck, style: Style): string {
  return [`${file}: ${plural(rows, 'row')}`, ...formatProblems(problems, style)].join('\n');
}
