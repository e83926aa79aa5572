import { cpus, totalmem } from 'node:os';
import type { OpenedDataset } from '../data/open-datasets.js';
import type { Preprocessing } from '../data/preprocessing.js';
import type { Engine } from '../engine/engine.js';
import type { RunStore } from '../run/run-store.js';
import { VERSION } from '../version.js';
import type { ResolvedProtocol } from './resolved-phase.js';

/** What a run is, `config.json`, and with what and on what it runs, `run.json`. */
export async function writeHead(
  store: RunStore,
  {
    protocol,
    engine,
    patientMap,
  }: { readonly protocol: ResolvedProtocol; readonly engine: Engine; readonly patientMap?: string },
  datasets: ReadonlyMap<string, OpenedDataset>,
  preprocessing: Preprocessing,
  dataNotes: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  await store.writeJson({ ...protocol, ...(patientMap === undefined ? {} : { patientMap }) }, 'config.json');
  await store.writeJson(
    {
      version: VERSION,
      node: process.version,
      engine: engine.info,
      seed: protocol.seed,
      preprocessing,
      dataNotes,
      machine: {
        platform: `${process.platform}-${process.arch}`,
        cpus: cpus().length,
        model: cpus()[0]?.model,
        memory: totalmem(),
      },
      data: Object.fromEntries(
        [...datasets].map(([name, { fingerprint, content, index }]) => [
          name,
          { fingerprint, content, counts: index.counts, skipped: index.skipped },
        ]),
      ),
    },
    'run.json',
  );
}
