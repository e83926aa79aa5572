import { PluginRegistryToken, RunStore, type Logger } from '@multichexnet/core';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { CliError } from '../errors.js';
import { installWithProgress } from '../health/install-library.js';
import { plural } from '../output/words.js';
import { parseDevice } from '../start-engine.js';
import { executeProtocol } from '../protocol/execute-protocol.js';
import { findProtocol } from '../protocol/find-protocol.js';
import { prepareProtocol } from '../protocol/prepare-protocol.js';
import { runResult } from './protocol-run.js';

const PROTOCOL = 'paper';
const MARKER = 'phantom.json';
const NOTE = 'These numbers come from generated phantom images: they show that the machinery works, nothing else.';

/** `npm start`: everything from nothing. What is there already is used. */
export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const device = parseDevice(args.text('device'));
  const out = args.text('out') ?? 'runs/demo';
  const seed = args.whole('seed', 0, 2 ** 31 - 1) ?? 1;
  const container = createContainer({ logger });
  const registry = container.get(PluginRegistryToken);
  const source = await findProtocol(PROTOCOL);
  const data = join(out, 'data');
  const datasets = Object.keys((source.value['datasets'] as object | undefined) ?? {});
  const roots = new Map(datasets.map((name) => [name, join(data, name)]));
  const set = [`seed=${seed}`, `note=${NOTE}`, ...args.list('set')];
  const prepared = await prepareProtocol({ source, registry, set, roots });

  const store = new RunStore(out);
  const earlier = await store.readJson<{ seed: number }>('config.json');
  const resume = earlier !== undefined;
  if (resume && earlier.seed !== seed)
    throw new CliError(
      'CLI_OPTION_VALUE',
      `the run in ${out} has seed ${earlier.seed}, not ${seed}; choose another --out`,
    );
  const { detail } = await installWithProgress(logger, device);
  logger.info(`library   ${detail}`);
  logger.info(`phantom   ${await phantom(data, seed, logger)}`);
  const patientMap = join(data, 'patient_map.csv');
  return runResult(
    await executeProtocol({
      ...prepared,
      container,
      out,
      resume,
      allowChange: [],
      device,
      patientMap,
      logger,
      signal,
    }),
  );
}

interface Marker {
  readonly seed: number;
  /** Absent while the images are being drawn. */
  readonly images?: number;
}

/** Draws the cohort, or finds it. Only what this command drew itself, which its marker says, is ever replaced. */
async function phantom(data: string, seed: number, logger: Logger): Promise<string> {
  const store = new RunStore(data);
  const marker = await store.readJson<Marker>(MARKER);
  if (marker?.seed === seed && marker.images !== undefined)
    return `${plural(marker.images, 'image')} in ${data}, seed ${seed}`;
  const { writePhantom } = await import('@multichexnet/dataset-phantom');
  if (marker === undefined) await assertEmpty(data);
  await store.writeJson({ seed }, MARKER);
  const { datasets } = await writePhantom({
    out: data,
    seed,
    overwrite: true,
    onProgress: ({ done, total, dataset }) => logger.progress({ name: 'phantom', done, total, detail: dataset }),
  });
  const counts = Object.values(datasets).map(({ images }) => images);
  const images = counts.reduce((sum, count) => sum + count, 0);
  await store.writeJson({ seed, images }, MARKER);
  return `${counts.length} datasets, ${plural(images, 'image')}, drawn into ${data}, seed ${seed}`;
}

async function assertEmpty(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length > 0)
    throw new CliError(
      'CLI_OUT_NOT_WRITABLE',
      `${folder} holds files that the demo did not draw; choose another --out`,
    );
}
