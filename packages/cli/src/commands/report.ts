import { MEDICAL_NOTE, writeFileAtomic } from '@multichexnet/core';
import { dirname, join, resolve } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { isFolder } from '../config/find-config.js';
import { CliError } from '../errors.js';
import { shortPath } from '../output/format-error.js';
import { comparisonSection } from '../report/comparison-section.js';
import { cardMarkdown, modelCard } from '../report/model-card.js';
import { panelsSection } from '../report/panels-section.js';
import { readRun, type ReportedRun } from '../report/read-run.js';
import { renderReport } from '../report/render-report.js';
import { VERSION } from '../version.js';

/** Images on the page by default. */
const IMAGES = 40;

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const run = await readRun(args.at(0), logger);
  const others: ReportedRun[] = [];
  for (const name of args.from(1)) others.push(await readRun(name, logger));
  const file = resolve(args.text('out') ?? join(run.store.folder, 'report.html'));
  if (await isFolder(file))
    throw new CliError(
      'CLI_OPTION_VALUE',
      `--out names the report's file, ${shortPath(file)} is a folder; try --out ${shortPath(join(file, 'report.html'))}`,
    );
  const card = modelCard(run);
  const made = `multichexnet ${VERSION}, ${new Date().toISOString().slice(0, 10)}`;
  const comparison = await comparisonSection(run, others, logger);
  const choice = { most: args.whole('images', 0, 200) ?? IMAGES, cam: !args.flag('no-cam') };
  const panels = await panelsSection(run, choice, logger);
  const html = await renderReport({ run, card, comparison, panels, made, logger });
  const cardFile = join(dirname(file), 'model-card.md');
  await writeFileAtomic(file, html);
  await writeFileAtomic(cardFile, cardMarkdown(card));
  const bytes = Buffer.byteLength(html);
  return {
    document: {
      run: run.store.folder,
      ...(others.length === 0 ? {} : { against: others.map(({ store }) => store.folder) }),
      file,
      modelCard: cardFile,
      bytes,
      phases: run.phases.finished.map(({ name }) => name),
      notice: MEDICAL_NOTE,
    },
    text: () =>
      [`${shortPath(file)}  ${(bytes / 1e6).toFixed(1)} MB`, `${shortPath(cardFile)}`, MEDICAL_NOTE].join('\n'),
  };
}
