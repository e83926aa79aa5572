import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { atLeast, type Benchmark } from '../benchmark.js';
import { ownContender, type MeasureFunction } from '../contender.js';
import { round } from '../statistics.js';
import { BATCH, CLASSES, LEARNING_RATE, SIZE } from '../workload.js';

/** Threads of all processes together. */
const THREADS = 2;
const STEPS = '8';

/** Training steps of one process with the whole batch, or of a rank with its part: `measure(STEPS, SYNC, [RANK, ADDRESSES])`. */
export const measure: MeasureFunction = async (steps, sync, rank, peers) => {
  const { StopVote } = await import('@multichexnet/core');
  const { createEngine } = await import('@multichexnet/engine');
  const { createClsStep, noiseBatch } = await import('../children/model.js');
  const { sample, timed } = await import('../children/report.js');
  const addresses = peers?.split(',') ?? (await freeAddresses(Number(rank ?? 1)));
  const size = addresses.length;
  // The first rank starts the others; they do the same, and end by themselves.
  const own = peers === undefined ? 0 : Number(rank);
  const others = peers === undefined ? startOthers([steps, sync], addresses) : [];
  const cluster = size === 1 ? {} : { cluster: { rank: own, addresses } };
  const engine = await createEngine({ threads: Math.max(1, Math.floor(THREADS / size)), ...cluster });
  const group = engine.ranks;
  for (let other = 0; other < size; other++)
    while (other !== own && (await group?.check(other, 5000)) !== undefined)
      await new Promise((wait) => setTimeout(wait, 100));
  const stop = new StopVote(() => undefined);
  const step = createClsStep(engine, group && { ranks: { group, syncBatchNorm: sync === 'sync', stop } });
  const batch = noiseBatch(BATCH / size, 1 + own);
  let count = 0;
  const run = (): Promise<unknown> => step.run([batch], { seed: 1, step: count++, learningRate: LEARNING_RATE });
  const [firstStep] = await timed(run);
  await run();
  // Every rank takes as many steps: none may end earlier because its clock says so.
  const { wall, cpu } = await sample(run, Number(steps), 3600);
  const { name, version } = engine.info;
  step.dispose();
  engine.dispose();
  await Promise.all(others);
  return { library: `${name} ${version}`, times: { step: wall, stepCpu: cpu, firstStep: [firstStep] } };
};

async function freeAddresses(count: number): Promise<string[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((up) => server.listen(0, '127.0.0.1', up))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports.map((port) => `127.0.0.1:${port}`);
}

function startOthers(args: readonly (string | undefined)[], addresses: readonly string[]): Promise<void>[] {
  const measureFile = fileURLToPath(new URL('../children/measure.ts', import.meta.url));
  return addresses.slice(1).map((_, i) => {
    const words = [measureFile, import.meta.url, ...args.map((word) => word ?? ''), `${i + 1}`, addresses.join(',')];
    const child = spawn(process.execPath, [...process.execArgv, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((resolve, reject) =>
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`rank ${i + 1} ended with ${code}`)))),
    );
  });
}

/** One process against two that share the batch and the threads. */
export const scale: Benchmark = {
  name: 'scale',
  what: `training by one process and by two that share batch and threads (${THREADS} in all)`,
  settings: {
    network: 'DenseNet-121',
    pixels: SIZE,
    batch: BATCH,
    outputs: CLASSES,
    optimizer: 'Adam',
    threads: THREADS,
  },
  rounds: 3,
  contenders: () => [
    ownContender(import.meta.url, 'one', 'one process', [STEPS, 'plain', '1']),
    ownContender(import.meta.url, 'two', 'two processes, batch norm of each part', [STEPS, 'plain', '2']),
    {
      ...ownContender(import.meta.url, 'two-sync', 'two processes, synchronised batch norm', [STEPS, 'sync', '2']),
      rounds: 2,
    },
  ],
  conclude: (entries) => {
    const efficiency = (name: string): number =>
      round((entries['one']?.ms['step'] ?? NaN) / (entries[name]?.ms['step'] ?? NaN));
    return {
      ratios: { 'one/two': efficiency('two'), 'one/two-sync': efficiency('two-sync') },
      checks: [atLeast('efficiency of two processes at equal total threads', efficiency('two'), 0.85)],
    };
  },
};
