import { resolve } from 'node:path';
import { MultichexnetError } from '../errors.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { GATE, type ResolvedPhase, type ResolvedProtocol } from '../protocol/resolved-phase.js';
import { RunStore } from '../run/run-store.js';
import type { RunReferences } from './config-to-protocol.js';
import type { UserConfig } from './user-config.js';

const OWN = 'own';

/**
 * Turns the runs that a config names into phases of them: for `train.from` the first phase with most of the model's modules, for `train.gate.from` the last
 * phase that trained a gate on the kind of dataset that the head is trained on.
 * @throws MultichexnetError RUN_NOT_FOUND, CONFIG_GATE, CONFIG_FROM
 */
export async function resolveRunReferences(config: UserConfig, registry: PluginRegistry): Promise<RunReferences> {
  const { from, gate } = config.train;
  const start =
    from === undefined
      ? undefined
      : typeof from === 'string'
        ? await startReference(config, from, 'train.from')
        : await mapEntries(from, (reference, module) => startReference(config, reference, `train.from.${module}`));
  const gates = gate === undefined ? undefined : await gateReferences(config, gate.from, registry);
  return { ...(start === undefined ? {} : { from: start }), ...(gates === undefined ? {} : { gate: gates }) };
}

async function startReference(config: UserConfig, reference: string, path: string): Promise<string> {
  if (reference.includes('#')) return reference;
  const { phases } = await readRun(reference, path);
  const wanted = Object.keys(config.model.heads);
  const shared = (phase: ResolvedPhase): number => wanted.filter((head) => phase.heads[head] !== undefined).length;
  const best = phases.reduce<ResolvedPhase | undefined>(
    (found, phase) => (found === undefined || shared(phase) > shared(found) ? phase : found),
    undefined,
  );
  if (best === undefined) throw new MultichexnetError('CONFIG_FROM', `the run ${reference} has no phase`, { path });
  return `${reference}#${best.name}`;
}

async function gateReferences(
  config: UserConfig,
  from: string | Readonly<Record<string, string>>,
  registry: PluginRegistry,
): Promise<Record<string, string>> {
  const named =
    typeof from === 'string' ? gatedHeads(config, registry).map((head) => [head, from]) : Object.entries(from);
  const entries: [string, string][] = [];
  for (const [head = '', reference = ''] of named) {
    const path = typeof from === 'string' ? 'train.gate.from' : `train.gate.from.${head}`;
    entries.push([head, await gateReference(config, head, reference, path)]);
  }
  return Object.fromEntries(entries);
}

/** Heads that can stand behind a gate: they say what they predict for an image that never reaches them, and do not gate themselves. */
function gatedHeads({ model, train }: UserConfig, registry: PluginRegistry): string[] {
  const trained = new Set(train.schedule.turns.flatMap(({ heads }) => heads));
  return Object.entries(model.heads).flatMap(([name, { kind, ...options }]) => {
    if (!trained.has(name)) return [];
    const head = registry.head(kind).create(options, { seed: 0 });
    return head.empty !== undefined && head.gateScore === undefined ? [name] : [];
  });
}

async function gateReference(config: UserConfig, head: string, reference: string, path: string): Promise<string> {
  if (reference === OWN || reference.includes('#')) return reference;
  const run = await readRun(reference, path);
  const turn = config.train.schedule.turns.find(({ heads }) => heads.includes(head));
  const kind = config.datasets[turn?.dataset ?? '']?.kind;
  const gates = run.phases.flatMap((phase) =>
    phase.schedule.turns
      .filter(({ train }) => train.includes(GATE))
      .map(({ on }) => ({ phase: phase.name, kind: run.datasets[on]?.kind ?? on })),
  );
  const gate = gates.filter((candidate) => candidate.kind === kind).at(-1);
  if (gate === undefined) {
    const known = gates.map((candidate) => `"${candidate.phase}" on ${candidate.kind}`).join(', ');
    throw new MultichexnetError(
      'CONFIG_GATE',
      `${reference} has no gate for head "${head}", which is trained on ${kind ?? 'nothing'}; its gates: ${known || 'none'}`,
      { path },
    );
  }
  return `${reference}#${gate.phase}`;
}

async function readRun(reference: string, path: string): Promise<ResolvedProtocol> {
  const folder = resolve(reference);
  const run = await new RunStore(folder).readJson<ResolvedProtocol>('config.json');
  if (run === undefined)
    throw new MultichexnetError('RUN_NOT_FOUND', `${reference} is no run: it has no config.json`, { path });
  return run;
}

async function mapEntries<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => Promise<U>,
): Promise<Record<string, U>> {
  const entries = Object.entries(record).map(async ([key, value]) => [key, await map(value, key)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
