import type { ImageSource } from '../data/image-source.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import type { PreparedImage } from '../data/prepared-image.js';
import { collectRecords, type EvaluationRecords, type RecordRequest } from '../evaluate/records.js';
import type { FoldRecords } from '../evaluate/measure.js';
import type { GateScores } from '../gate/gate-scores.js';
import type { HeadModule } from '../model/network.js';
import { ownGateScores } from './fit.js';
import type { ResolvedPhase, ResolvedProtocol } from './resolved-phase.js';
import { ownSignal, type RunContext } from './run-context.js';

export type GateMode = 'trained' | 'oracle' | 'none';

/** One head of one phase on one dataset behind one gate. */
export interface EvaluationRequest {
  readonly head: string;
  readonly dataset: string;
  readonly gate: GateMode;
}

/** Evaluations by `<head>@<dataset>/<gate>`: a list of folds each, one for a plain split. */
export type PhaseEvaluations = Readonly<Record<string, readonly FoldRecords[]>>;

export function evaluationKey({ head, dataset, gate }: EvaluationRequest): string {
  return `${head}@${dataset}/${gate}`;
}

/** A head without a gate is the same behind every gate. */
export function effectiveGate(phase: ResolvedPhase, head: string, wanted: GateMode | undefined): GateMode {
  return phase.gate[head] === undefined ? 'none' : (wanted ?? 'trained');
}

/** What the tables ask of a phase, plus every head on the datasets that trained it. */
export function evaluationsOf(protocol: ResolvedProtocol, phase: ResolvedPhase): EvaluationRequest[] {
  const requests = new Map<string, EvaluationRequest>();
  const add = (head: string, dataset: string, gate: GateMode | undefined): void => {
    const request = { head, dataset, gate: effectiveGate(phase, head, gate) };
    requests.set(evaluationKey(request), request);
  };
  for (const turn of phase.schedule.turns)
    for (const head of turn.heads ?? turn.train.filter((module) => module !== 'encoder')) add(head, turn.on, undefined);
  for (const table of Object.values(protocol.tables))
    for (const row of table.rows)
      if (row.phase === phase.name)
        for (const [head, datasets] of Object.entries(row.on))
          for (const dataset of [datasets].flat()) add(head, dataset, row.gate);
  return [...requests.values()];
}

/** Records of the loaded network on the validation and test parts, one pass over each dataset. */
export async function evaluateNetwork(
  context: RunContext,
  phase: ResolvedPhase,
  heads: Readonly<Record<string, HeadModule>>,
  requests: readonly EvaluationRequest[],
  sourceOf: (dataset: string) => ImageSource,
  label: string,
): Promise<Record<string, FoldRecords>> {
  const results: Record<string, FoldRecords> = {};
  for (const dataset of new Set(requests.map((request) => request.dataset))) {
    const here = requests.filter((request) => request.dataset === dataset);
    const source = sourceOf(dataset);
    const needed = [...new Set(here.map(({ head }) => head))].map((head) => heads[head] as HeadModule);
    const inference = context.workbench.inference(needed, phase);
    const wanted: RecordRequest[] = [];
    for (const request of here) {
      const passes = await gateTest(context, phase, heads, request, source);
      wanted.push({
        key: evaluationKey(request),
        head: heads[request.head] as HeadModule,
        ...(passes === undefined ? {} : { passes }),
      });
    }
    const collect = (split: 'validation' | 'test'): Promise<Record<string, EvaluationRecords>> =>
      collectRecords({
        inference,
        requests: wanted,
        source,
        split,
        batchSize: phase.batchSize,
        logger: context.logger,
        signal: ownSignal(context),
        name: `${label}: ${split} of ${dataset}`,
      });
    const [validation, test] = [await collect('validation'), await collect('test')];
    for (const { key } of wanted)
      results[key] = { validation: validation[key] as EvaluationRecords, test: test[key] as EvaluationRecords };
  }
  return results;
}

async function gateTest(
  context: RunContext,
  phase: ResolvedPhase,
  heads: Readonly<Record<string, HeadModule>>,
  { head, dataset, gate }: EvaluationRequest,
  source: ImageSource,
): Promise<((image: PreparedImage) => boolean) | undefined> {
  if (gate === 'none') return undefined;
  if (gate === 'oracle') return ({ sample }) => sample.labels.findings[POSITIVE_FINDING] === true;
  const name = phase.gate[head] as string;
  const gateScores: GateScores =
    name === 'own'
      ? await ownGateScores(context, heads, dataset, source, phase)
      : await context.gateScores(name, dataset);
  // Beside the network that stands behind it, so that a prediction needs this phase and the gate's parameters alone.
  await context.store.writeJson({ gate: name, ...gateScores }, 'phases', phase.name, `gate-${dataset}.json`);
  const { scores, threshold } = gateScores;
  return ({ sample }) => (scores[sample.id] ?? 0) >= threshold;
}
