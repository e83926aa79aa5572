import { PluginRegistryToken, problemLine } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import type { RootStats } from '../data/describe-root.js';
import type { DuplicateGroup } from '../data/find-duplicates.js';
import { measureRoots, type RootsStats } from '../data/measure-roots.js';
import { openRoots, requestedRoots } from '../data/open-roots.js';
import { countSection } from '../output/count-section.js';
import { shortPath } from '../output/format-error.js';
import { columns, wrap, type Style } from '../output/style.js';
import { plural } from '../output/words.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const { roots, mapProblems } = await openRoots(requestedRoots(args), registry);
  for (const problem of mapProblems) logger.warn(problemLine(problem));
  const stats = await measureRoots(roots, !args.flag('no-pixels'), logger);
  return { document: stats, text: (style) => format(stats, style) };
}

function format({ datasets, duplicates }: RootsStats, style: Style): string {
  return [...datasets.map((root) => formatRoot(root, style)), ...formatDuplicates(duplicates, style)].join('\n');
}

function formatRoot(root: RootStats, style: Style): string {
  const section = (title: string, counts: Readonly<Record<string, number>>): string[] =>
    countSection(title, Object.entries(counts), style);
  const counts = [
    ['  images', root.images, `${root.usable.images} usable`],
    ['  patients', root.patients, `${root.usable.patients} usable`],
    ['  boxes', root.boxes, ''],
    ['  mask rows', root.masks, ''],
  ] as const;
  const findings = Object.entries(root.findings).map(([name, { yes, no, unknown }]) => [
    `    ${name}`,
    `yes ${yes}`,
    `no ${no}`,
    unknown === 0 ? '' : `unknown ${unknown}`,
  ]);
  const parts = Object.entries(root.parts).map(([name, { images, patients }]) => [
    `    ${name}`,
    plural(images, 'image'),
    plural(patients, 'patient'),
  ]);
  return [
    `${style.bold(root.kind)}  ${root.root}`,
    ...columns(counts.map(([name, count, more]) => [name, String(count).padStart(7), more])),
    ...section('labels, as the dataset says', root.labels),
    '  findings',
    ...columns(findings),
    ...section('views', root.views),
    ...section('sex', root.sexes),
    ...section('age', root.ages),
    ...section('sources', root.sources),
    ...Object.entries(root.attributes).flatMap(([name, values]) => section(name, values)),
    ...section('patients by number of images', root.imagesPerPatient),
    '  parts by patient',
    ...columns(parts),
    ...section('sizes', mostOf(root.sizes)),
    ...section('formats', root.formats),
    ...section('skipped', root.skipped),
    ...(root.problems.length === 0
      ? []
      : [style.red(`  ${plural(root.problems.length, 'problem')}; data verify names them`)]),
  ].join('\n');
}

const SIZES = 12;

/** The most frequent sizes; a dataset from the web has hundreds. */
function mostOf(sizes: Readonly<Record<string, number>>): Record<string, number> {
  const sorted = Object.entries(sizes).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(SIZES);
  return Object.fromEntries([
    ...sorted.slice(0, SIZES),
    ...(rest.length === 0 ? [] : [[`${rest.length} others`, rest.reduce((sum, [, n]) => sum + n, 0)] as const]),
  ]);
}

const GROUPS = 20;

function formatDuplicates(groups: readonly DuplicateGroup[], style: Style): string[] {
  if (groups.length === 0) return [];
  const several = groups.filter(({ samePatient }) => !samePatient).length;
  const across = groups.filter(({ acrossParts }) => acrossParts).length;
  const lines = groups
    .slice(0, GROUPS)
    .flatMap(({ images, distance, samePatient, acrossParts }) => [
      `  ${images.length} alike (${distance} of 256 bits differ)${samePatient ? '' : ', of several patients'}${acrossParts ? ', in training and held out' : ''}`,
      ...images.map(({ dataset, file }) => wrap(`${dataset} ${shortPath(file)}`, style.width, '    ')),
    ]);
  return [
    style.bold(
      `${plural(groups.length, 'group')} of images that look the same: ${several} of several patients, ${across} in training and held out`,
    ),
    ...lines,
    ...(groups.length > GROUPS ? [`  and ${groups.length - GROUPS} more; --json lists all`] : []),
  ];
}
