import {
  createImageServices,
  DEFAULT_CACHE_LIMIT,
  openCache,
  PluginRegistryToken,
  stretchTo,
  type Preprocessing,
} from '@multichexnet/core';
import { availableParallelism } from 'node:os';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { fillCache, type FillReport } from '../data/fill-cache.js';
import { openRoots, type OpenedRoot } from '../data/open-roots.js';
import { CliError } from '../errors.js';
import { formatProblems } from '../output/format-problems.js';
import type { Style } from '../output/style.js';
import { plural } from '../output/words.js';

const DEFAULT_SIZE = 256;

interface CacheReport extends FillReport {
  readonly kind: string;
  readonly root: string;
  readonly cache: string;
  readonly preprocessing: Preprocessing;
}

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const out = args.text('out');
  if (out === undefined) throw new CliError('CLI_MISSING_ARGUMENT', 'the folder of the cache is missing: --out DIR');
  const preprocessing = stretchTo(args.whole('size', 1, 65_535) ?? DEFAULT_SIZE, {
    crop: args.flag('crop-borders') ? 'borders' : 'none',
  });
  const workers = args.whole('workers', 0, 64) ?? availableParallelism();
  const cache = openCache({ folder: out, limit: args.text('limit') ?? DEFAULT_CACHE_LIMIT }, '--limit');
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const folders = new Map([[args.at(0), args.at(1)]]);
  const { roots } = await openRoots({ folders, set: args.list('set'), patientMap: undefined }, registry);
  const { kind, index } = roots[0] as OpenedRoot;
  const { samples, root } = index;
  // The cache keeps what it is given; memory would only hold it a second time.
  const services = createImageServices({ workers, cache, memoryBytes: 0, logger });
  try {
    const ahead = 2 * Math.max(1, workers);
    const report = await fillCache({ samples, root, preprocessing, services, ahead, logger, signal });
    const document = { kind, root, cache: cache.folder, preprocessing, ...report };
    return {
      document,
      text: (style) => format(document, style),
      exitCode: report.problems.length > 0 ? 1 : 0,
    };
  } finally {
    await services.reader.close();
  }
}

function format({ kind, cache, preprocessing, images, outcomes, problems }: CacheReport, style: Style): string {
  const { hit, stored, full, failed } = outcomes;
  const rest = [
    ...(full > 0 ? [`${full} found no room (--limit)`] : []),
    ...(failed > 0 ? [`${failed} could not be stored`] : []),
  ];
  return [
    `${style.bold(kind)}  ${plural(images, 'image')} for ${preprocessing.size} x ${preprocessing.size}`,
    `  ${cache}: ${[`${stored} stored`, `${hit} were there`, ...rest].join(', ')}`,
    ...formatProblems(problems, style),
  ].join('\n');
}
