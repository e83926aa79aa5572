import { resolve } from 'node:path';
import { MultichexnetError } from '../errors.js';
import type { Choice } from '../model/network.js';
import { suggestion } from '../plugin/nearest.js';
import { changedFields } from '../run/changed-fields.js';
import { RunStore } from '../run/run-store.js';
import type { PhaseResult } from './run-phase.js';
import type { ResolvedPhase, ResolvedProtocol } from './resolved-phase.js';

/** A finished phase of another run, referred to as `path/to/run#phase`. */
export interface ExternalPhase {
  readonly phase: ResolvedPhase;
  /** The encoder of that run. */
  readonly encoder: Choice;
  /** What was cut off the images of that run. */
  readonly crop: string;
  /** Its hash stands in for its inputs in the hash of a phase that starts from it. */
  readonly hash: string;
  readonly run: string;
  readonly name: string;
}

export function isExternal(reference: string): boolean {
  return reference.includes('#');
}

/** Reads every `run#phase` that the phases of a protocol value mention in `from` and `gate`. */
export async function loadExternalPhases(protocol: unknown): Promise<Map<string, ExternalPhase>> {
  const phases =
    (protocol as { phases?: Record<string, { from?: unknown; gate?: unknown } | undefined> } | undefined)?.phases ?? {};
  const references = Object.values(phases).flatMap((phase) => [...strings(phase?.from), ...strings(phase?.gate)]);
  const externals = new Map<string, ExternalPhase>();
  for (const reference of new Set(references.filter(isExternal)))
    externals.set(reference, await loadExternalPhase(reference));
  return externals;
}

/** @throws MultichexnetError RUN_NOT_FOUND, RUN_CORRUPT, RUN_UNKNOWN_PHASE, RUN_PHASE_UNFINISHED */
export async function loadExternalPhase(reference: string): Promise<ExternalPhase> {
  const at = reference.lastIndexOf('#');
  const [run, name] = [resolve(reference.slice(0, at)), reference.slice(at + 1)];
  const store = new RunStore(run);
  const config = await store.readJson<ResolvedProtocol>('config.json');
  if (config === undefined)
    throw new MultichexnetError('RUN_NOT_FOUND', `${run} is no run: it has no config.json`, { file: run });
  const phases: unknown = (config as Partial<ResolvedProtocol> | null)?.phases;
  if (!Array.isArray(phases) || !phases.every((entry: unknown) => typeof entry === 'object' && entry !== null))
    throw new MultichexnetError('RUN_CORRUPT', 'config.json of the run holds no list of phases', { file: run });
  const phase = config.phases.find((candidate) => candidate.name === name);
  if (phase === undefined)
    throw new MultichexnetError(
      'RUN_UNKNOWN_PHASE',
      `the run has no phase "${name}"; ${suggestion(
        name,
        config.phases.map((candidate) => candidate.name),
      )}`,
      { file: run },
    );
  const result = await store.readJson<PhaseResult>('phases', name, 'phase.json');
  if (result === undefined)
    throw new MultichexnetError('RUN_PHASE_UNFINISHED', `phase "${name}" of the run is not finished`, { file: run });
  const crop = config.preprocessing?.crop ?? 'none';
  return { phase, encoder: config.model.encoder, crop, hash: result.hash, run, name };
}

/** Why nothing of that run can be used with this encoder; its weights fit where all but the file that they were begun with is the same. */
export function encoderDifference({ encoder, run }: ExternalPhase, own: Choice): string | undefined {
  const differences = changedFields(encoder, own).filter(({ path }) => path !== 'weights');
  const [first] = differences;
  if (first === undefined) return undefined;
  const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  const list = differences.map(({ path, before, after }) => `${path} ${show(before)} there, ${show(after)} here`);
  return `the run ${run} has another encoder (${list.join('; ')}), so nothing can start from it or be gated by it: take its encoder here, or make that run with this one (--set model.encoder.${first.path}=...)`;
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? Object.values(value).filter((entry) => typeof entry === 'string')
    : [];
}
