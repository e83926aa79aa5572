import { rmdir } from 'node:fs/promises';
import {
  MEDICAL_NOTE,
  PluginRegistryToken,
  isMultichexnetError,
  noteOrderlyEnd,
  noteStart,
  RunStore,
  TRAIN_PHASE,
  type LossSummary,
  type RunResult,
} from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { prepareConfig, type PreparedConfig } from '../config/prepare-config.js';
import { startWorkers } from '../distributed/start-workers.js';
import { isRestarted, trainCluster } from '../distributed/train-cluster.js';
import { CliError } from '../errors.js';
import { formatMetrics } from '../metrics/format-metrics.js';
import { measurePhase } from '../metrics/measure-phase.js';
import { PLUGINS_FILE, type RunPlugins } from '../open-run.js';
import { shortPath } from '../output/format-error.js';
import { formatLeftOut } from '../output/format-left-out.js';
import { formatNotes } from '../output/format-tables.js';
import { columns } from '../output/style.js';
import { executeProtocol, helpToTrain } from '../protocol/execute-protocol.js';
import { assertWritable, defaultRunFolder } from '../protocol/run-folder.js';
import { parseDevice } from '../start-engine.js';

const CONFIG_FILE = 'train.json';

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const workers = args.whole('workers', 1, 1024) ?? 1;
  const cluster = workers > 1 ? undefined : await trainCluster(args, process.env, logger, signal);
  // Of a rank whose parent is gone nobody would know how it ends.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const prepared = await prepareConfig({ file: args.maybeAt(0), set: args.list('set'), logger });
  const { container, config, protocol } = prepared;
  const given = args.text('out') ?? config.out;
  if (args.flag('resume') && given === undefined)
    throw new CliError(
      'CLI_MISSING_ARGUMENT',
      '--resume wants --out DIR (or out in the config): the run to go on with',
    );
  if (cluster !== undefined && given === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', 'several processes need --out DIR: the folder that all of them share');
  const out = given ?? defaultRunFolder(protocol.name, protocol);
  const threads = args.whole('threads', 1, 1024);
  const store = new RunStore(out);
  const there = await store.exists();
  await assertWritable(out);
  if (workers > 1)
    return startWorkers({
      count: workers,
      argv: workerArguments(out),
      out,
      ...(threads === undefined ? {} : { threads }),
      logger,
      signal,
    }).finally(() => (there ? undefined : rmdir(out).catch(() => undefined))); // stays where anything is in it
  const begun = await store.exists('config.json');
  const auto = args.text('resume') === 'auto' || isRestarted(process.env);
  const resume = auto ? begun : args.flag('resume');
  const precision = config.train.precision ?? 'float32';
  const { patientMap } = config.train;
  const execution = {
    ...prepared,
    out,
    resume,
    allowChange: args.list('allow-change'),
    device: parseDevice(args.text('device')),
    logger,
    signal,
    ...(patientMap === undefined ? {} : { patientMap }),
    ...(threads === undefined ? {} : { threads }),
    ...(cluster === undefined ? {} : { cluster }),
  };
  if (cluster !== undefined && cluster.rank > 0) {
    await helpToTrain(execution);
    return { document: { run: out, rank: cluster.rank }, text: () => `rank ${cluster.rank} has done its part` };
  }
  await rememberConfig(store, prepared, precision, resume);
  const execute = (): Promise<RunResult> => executeProtocol(execution);
  const result = await (auto ? guarded(store, execute) : execute()).catch(forgetRefused(store, there));
  const registry = container.get(PluginRegistryToken);
  // As it was run: with fitted anchors.
  const ran = (await store.readJson<typeof protocol>('config.json')) ?? protocol;
  const phase = ran.phases.find(({ name }) => name === TRAIN_PHASE) ?? ran.phases[0];
  if (phase === undefined) throw new Error('a training has one phase');
  const metrics = await measurePhase({ stores: [store], protocol: ran, phase, registry, logger, signal });
  const losses = lossDocument(result.phases[0]?.losses ?? {});
  return {
    document: {
      ...{ run: result.run, precision, phases: result.phases, losses, metrics },
      ...(result.leftOut === undefined ? {} : { leftOut: result.leftOut }),
      notice: MEDICAL_NOTE,
    },
    text: (style) =>
      [
        ...columns([
          ['loss', 'first 10 turns', 'last 10 turns'],
          ...Object.entries(losses).map(([name, { first10, last10 }]) => [
            `  ${name}`,
            first10.toFixed(4),
            last10.toFixed(4),
          ]),
        ]),
        '',
        ...formatMetrics(metrics),
        '',
        ...formatNotes(undefined, style),
        ...formatLeftOut(result, style),
        `run  ${shortPath(result.run)}`,
      ].join('\n'),
  };
}

/** A scheduler starts the command again whenever it fails: three starts that came to nothing are enough. @throws MultichexnetError CRASH_LOOP */
async function guarded<T>(store: RunStore, work: () => Promise<T>): Promise<T> {
  await noteStart(store, TRAIN_PHASE);
  try {
    const result = await work();
    await noteOrderlyEnd(store);
    return result;
  } catch (error) {
    if (isMultichexnetError(error) && ORDERLY.test(error.code)) await noteOrderlyEnd(store);
    throw error;
  }
}

/** What ranks refuse is a mistake in a command, after which no scheduler starts it again. */
const ORDERLY = /^(RUN_PREEMPTED|INTERRUPTED|RANKS_.*)$/;

/** This command line for one of several processes: `--workers` and what belongs to it left out, the run folder named. */
function workerArguments(out: string): string[] {
  const argv = process.argv.slice(2);
  const own = /^--(workers|threads|out|rank|world|peers)(=|$)/;
  const kept = argv.filter(
    (word, i) => !own.test(word) && !(own.test(argv[i - 1] ?? '') && !(argv[i - 1] ?? '').includes('=')),
  );
  return [...kept, '--out', out];
}

/** `det@rsna`: mean loss of the first and of the last ten turns. */
function lossDocument(losses: LossSummary): Record<string, { first10: number; last10: number }> {
  return Object.fromEntries(
    Object.entries(losses).map(([name, { first, last }]) => [name, { first10: first, last10: last }]),
  );
}

/** What a run needs beyond its protocol to be gone on with and to be read again. */
async function rememberConfig(
  store: RunStore,
  { config, file }: PreparedConfig,
  precision: string,
  resume: boolean,
): Promise<void> {
  if (await store.exists('config.json')) {
    // Without --resume runProtocol refuses the folder.
    const earlier = (await store.readJson<{ precision: string }>(CONFIG_FILE))?.precision ?? precision;
    if (!resume || earlier === precision) return;
    throw new CliError(
      'CLI_OPTION_VALUE',
      `the run in ${store.folder} was begun with precision ${earlier}; going on with ${precision} would be another training`,
    );
  }
  const plugins: RunPlugins = { config: file };
  await store.writeJson({ precision, config }, CONFIG_FILE);
  await store.writeJson(plugins, PLUGINS_FILE);
}

/** A training that was refused before it began leaves nothing behind but a folder that was `there`. */
function forgetRefused(store: RunStore, there: boolean): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(await store.exists('config.json'))) {
      await store.remove(CONFIG_FILE);
      await store.remove(PLUGINS_FILE);
      if (!there) await rmdir(store.folder).catch(() => undefined); // something else is in it
    }
    throw error;
  };
}
