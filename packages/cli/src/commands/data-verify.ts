import type { CommandContext, CommandResult } from '../command.js';
import { columns, padEnd, wrap, type Style } from '../output/style.js';
import { plural } from '../output/words.js';
import { verifyRoot, verifyTable, type RootReport, type TableCheck, type VerifyProblem } from '../data/verify-root.js';
import { createContainer } from '../create-container.js';
import { PluginRegistryToken } from '@multichexnet/core';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const plugin = registry.dataset(args.at(0));
  const table = args.text('table');
  if (table !== undefined) {
    const report = await verifyTable(plugin, args.at(1), table);
    return {
      document: report,
      text: (style) => formatTable(report, style),
      exitCode: report.problems.length > 0 ? 1 : 0,
    };
  }
  const patientMap = args.text('patient-map');
  const report = await verifyRoot({
    plugin,
    root: args.at(1),
    logger,
    pixels: !args.flag('no-pixels'),
    ...(patientMap === undefined ? {} : { patientMap }),
  });
  return { document: report, text: (style) => formatRoot(report, style), exitCode: report.problems.length > 0 ? 1 : 0 };
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
    ...section('labels', Object.entries(labels), style),
    ...section(
      'parts by patient',
      Object.entries(splits).map(([name, part]) => [name, part.images]),
      style,
    ),
    ...section('skipped', Object.entries(skipped), style),
    ...formatProblems(problems, style),
  ].join('\n');
}

function formatTable({ file, rows, problems }: TableCheck, style: Style): string {
  return [`${file}: ${plural(rows, 'row')}`, ...formatProblems(problems, style)].join('\n');
}

/** `name count` pairs, as many on a line as fit. */
function section(title: string, entries: readonly (readonly [string, number])[], style: Style): string[] {
  if (entries.length === 0) return [];
  const cells = entries.map(([name, count]) => `${name} ${count}`);
  const width = Math.max(...cells.map((cell) => cell.length)) + 2;
  const across = Math.max(1, Math.floor((style.width - 4) / width));
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += across)
    lines.push(
      `    ${cells
        .slice(at, at + across)
        .map((cell) => padEnd(cell, width))
        .join('')
        .trimEnd()}`,
    );
  return [`  ${title}`, ...lines];
}

const SHOWN = 20;

function formatProblems(problems: readonly VerifyProblem[], style: Style): string[] {
  if (problems.length === 0) return [style.green('no problems')];
  const lines = problems
    .slice(0, SHOWN)
    .flatMap(({ code, file, line, message }) => [
      `${style.red('error')} ${style.bold(code)}  ${file}${line === undefined ? '' : `:${line}`}`,
      wrap(withoutPlace(message, file, line), style.width, '  '),
    ]);
  const more = problems.length > SHOWN ? `, of which ${SHOWN} are shown; --json lists all` : '';
  return [...lines, `${plural(problems.length, 'problem')}${more}`];
}

/** Messages begin with `file:line: ` where they stand alone; here the place is in the line above. */
function withoutPlace(message: string, file: string, line: number | undefined): string {
  const place = line === undefined ? `${file}: ` : `${file}:${line}: `;
  return message.startsWith(place) ? message.slice(place.length) : message;
}
