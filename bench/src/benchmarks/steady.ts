import { atMost, type Benchmark } from '../benchmark.js';
import { ownContender, type MeasureFunction } from '../contender.js';
import { round, slope } from '../statistics.js';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const STEPS = 5000;
/** Steps before anything is compared: traces, caches and the JavaScript heap settle. */
const SETTLE = 1000;
const EVERY = 10;
/** How often what is free is given back before memory is read: halfway between checkpoints. */
const SETTLED_EVERY = 500;

/** Alternating training as `multichexnet train` does it, with its memory and handle counts on the way. */
export const measure: MeasureFunction = async (given) => {
  const steps = Number(given);
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { default: path } = await import('node:path');
  const core = await import('@multichexnet/core');
  const { createEngine, trimHeap } = await import('@multichexnet/engine');
  const collect = garbageCollector();
  const { densenet } = await import('@multichexnet/encoder-densenet');
  const heads = await Promise.all([
    import('@multichexnet/head-cls').then(({ cls }) => cls),
    import('@multichexnet/head-det').then(({ det }) => det),
    import('@multichexnet/head-seg').then(({ seg }) => seg),
  ]);
  const { rsnaDataset: rsna } = await import('@multichexnet/dataset-rsna');
  const { siimDataset: siim } = await import('@multichexnet/dataset-siim');
  const { writePhantom } = await import('@multichexnet/dataset-phantom');
  const registry = new core.PluginRegistry({ heads, encoders: [densenet], datasets: [rsna, siim] });

  const folder = await mkdtemp(path.join(tmpdir(), 'mcx-steady-'));
  try {
    await writePhantom({ out: folder, images: 40, size: 64, seed: 1 });
    const { protocol, problems } = core.resolveProtocol(
      {
        name: 'steady',
        resamples: 100,
        datasets: {
          rsna: { kind: 'rsna', root: path.join(folder, 'rsna') },
          siim: { kind: 'siim', root: path.join(folder, 'siim') },
        },
        model: {
          encoder: { kind: 'densenet', depth: 'small', size: 64 },
          heads: { cls: { kind: 'cls' }, det: { kind: 'det' }, seg: { kind: 'seg' } },
        },
        defaults: { steps, batchSize: 4, checkpointEvery: 500, augment: { rotate: 5, brightness: 0.1 } },
        phases: {
          both: {
            schedule: {
              kind: 'alternating',
              turns: [
                { on: 'rsna', train: ['encoder', 'cls', 'det'] },
                { on: 'siim', train: ['encoder', 'cls', 'seg'] },
              ],
            },
          },
        },
      },
      registry,
    );
    if (protocol === undefined) throw new core.ProblemsError(problems);
    const engine = await createEngine();
    const at: number[] = [];
    const rss: number[] = [];
    const settledAt: number[] = [];
    const settled: number[] = [];
    const counts: string[] = [];
    const took: number[] = [];
    let last = performance.now();
    await core.runProtocol({
      protocol,
      out: path.join(folder, 'run'),
      resume: false,
      engine,
      registry,
      logger: {
        ...core.silentLogger,
        progress: ({ name, done, detail }) => {
          if (name !== 'both' || detail === undefined) return;
          took.push(performance.now() - last);
          last = performance.now();
          if (done % EVERY !== 0 || done < SETTLE) return;
          at.push(done);
          rss.push(process.memoryUsage.rss() / 1024);
          if (done % SETTLED_EVERY === SETTLED_EVERY / 2) {
            collect();
            trimHeap();
            settledAt.push(done);
            settled.push(process.memoryUsage.rss() / 1024);
          }
          const { handles, resources, functions } = engine.memory();
          counts.push(`${handles} handles, ${resources} resources, ${functions} functions`);
        },
      },
    });
    const library = `${engine.info.name} ${engine.info.version}`;
    engine.dispose();
    return {
      library,
      // Few enough to keep, of both turns.
      times: { step: took.slice(SETTLE).filter((_, i) => i % 101 === 0) },
      notes: {
        slopeKB: slope(at, rss),
        settledSlopeKB: slope(settledAt, settled),
        firstMB: (rss[0] as number) / 1024,
        lastMB: (rss.at(-1) as number) / 1024,
        differentCounts: new Set(counts).size,
        counts: counts.at(-1) ?? '',
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** What is garbage is not held; when V8 collects it is its own affair. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Does it grow? Nothing is compared: the numbers are of one training of our own. */
export const steady: Benchmark = {
  name: 'steady',
  what: `${STEPS} steps of alternating training: growth of memory and of native handles`,
  settings: { steps: STEPS, settle: SETTLE, network: 'small DenseNet + cls + det + seg', pixels: 64, batch: 4 },
  rounds: 1,
  contenders: () => [ownContender(import.meta.url, 'train', 'alternating training', [String(STEPS)])],
  conclude: ({ train }) => {
    const note = (name: string): number => Number(train?.notes?.[name]);
    return {
      ratios: {
        'RSS, KB a step': round(note('slopeKB')),
        'RSS last/first': round(note('lastMB') / note('firstMB')),
        'RSS without what is free, KB a step': round(note('settledSlopeKB')),
      },
      checks: [
        atMost('growth of RSS without what is free, last 4,000 steps, KB a step', round(note('settledSlopeKB')), 1),
        atMost('different counts of handles, resources and functions', note('differentCounts'), 1),
      ],
    };
  },
};
