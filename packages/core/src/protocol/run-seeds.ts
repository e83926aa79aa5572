import { joinLeftOut } from '../data/image-services.js';
import { assertFolderFits, assertUnchanged } from '../run/assert-same-run.js';
import { RunStore } from '../run/run-store.js';
import { runProtocol, type RunRequest, type RunResult } from './run-protocol.js';
import type { ResolvedProtocol } from './resolved-phase.js';
import { splitSeed } from './split-seed.js';
import { writeTables } from './write-tables.js';

/**
 * Runs a protocol once from each of its `seeds`, each a whole run in `seed-<k>` of the run's folder, and writes tables over all of them. A protocol without
 * `seeds` is run as it is.
 * @throws what {@link runProtocol} throws
 */
export async function runSeeds(request: RunRequest): Promise<RunResult> {
  const { protocol, out, onPhase } = request;
  const { seeds } = protocol;
  if (seeds === undefined) return runProtocol(request);
  const store = new RunStore(out);
  await assertFolderFits(store, request.resume);
  await assertUnchanged(store, protocol, request.allowChange ?? []);
  const unlock = await store.lock();
  const begun = await store.exists('config.json');
  try {
    await store.writeJson(protocol, 'config.json');
    const results: RunResult[] = [];
    for (const [i, seed] of seeds.entries()) {
      const folder = seedFolder(store, seed);
      results.push(
        await runProtocol({
          ...request,
          protocol: ofSeed(protocol, seed),
          out: folder,
          resume: await new RunStore(folder).exists('config.json'),
          onPhase: (phase, index, count) => onPhase?.(phase, i * count + index, seeds.length * count, seed),
        }),
      );
    }
    const [first] = results as [RunResult, ...RunResult[]];
    const written = await writeTables({
      store,
      seeds: seeds.map((seed) => new RunStore(seedFolder(store, seed))),
      // As the first seed ran: with what its heads were fitted to.
      protocol: { ...protocol, phases: (await readPhases(seedFolder(store, seeds[0] as number))) ?? protocol.phases },
      registry: request.registry,
      dataNotes: first.dataNotes,
    });
    const phases = results.flatMap((result) => result.phases.map((phase) => ({ ...phase, seed: result.seed })));
    const leftOut = joinLeftOut(results.map((result) => result.leftOut ?? []));
    const left = leftOut.length === 0 ? {} : { leftOut };
    const result = { ...first, run: out, seed: protocol.seed, seeds, phases, ...left, ...written };
    await store.writeJson(result, 'result.json');
    return result;
  } catch (error) {
    // Refused before anything began: the folder is free for the next try.
    if (!begun && !(await new RunStore(seedFolder(store, seeds[0] as number)).exists('config.json')))
      await store.remove('config.json');
    throw error;
  } finally {
    await unlock();
  }
}

export function seedFolder(store: RunStore, seed: number): string {
  return store.path(`seed-${seed}`);
}

/** One seed's protocol: it trains by its own seed and divides the data as all of them do. */
function ofSeed({ seeds: _, ...protocol }: ResolvedProtocol, seed: number): ResolvedProtocol {
  return { ...protocol, seed, splits: { ...protocol.splits, seed: splitSeed(protocol) } };
}

async function readPhases(folder: string): Promise<ResolvedProtocol['phases'] | undefined> {
  return (await new RunStore(folder).readJson<ResolvedProtocol>('config.json'))?.phases;
}
