import {
  explanationOf,
  isMultichexnetError,
  MEDICAL_NOTE,
  type HeadModule,
  type PluginRegistry,
  type Preprocessing,
  type ResolvedPhase,
} from '@multichexnet/core';
import { outputNames } from '@multichexnet/onnx';
import type { OpenedRun } from '../open-run.js';
import { readPhaseStatistics } from '../metrics/phase-statistics.js';
import { VERSION } from '../version.js';

export interface DescribedNetwork {
  readonly opened: Pick<OpenedRun, 'store' | 'protocol'>;
  readonly phase: ResolvedPhase;
  /** Hash of what the phase was trained by and with. */
  readonly model: string;
  readonly preprocessing: Preprocessing;
  readonly heads: readonly HeadModule[];
  readonly registry: PluginRegistry;
}

/** What a file of a network says of itself: words, or JSON where there is more to say. docs/export.md lists them. */
export async function describeNetwork(network: DescribedNetwork): Promise<Record<string, string>> {
  const { opened, phase, model, preprocessing, heads } = network;
  const classes = heads.flatMap((head) =>
    head.head.explain === undefined ? [] : [[head.name, explanationOf(head).targets] as const],
  );
  return {
    multichexnet: VERSION,
    run: opened.protocol.name,
    phase: phase.name,
    model,
    encoder: JSON.stringify(withoutFiles(opened.protocol.model.encoder)),
    preprocessing: JSON.stringify(preprocessing),
    heads: JSON.stringify(
      Object.fromEntries(
        heads.map((head) => [
          head.name,
          { kind: head.plugin.kind, outputs: outputNames([head]), options: head.options },
        ]),
      ),
    ),
    classes: JSON.stringify(Object.fromEntries(classes)),
    thresholds: JSON.stringify(await thresholdsOf(network)),
    gates: JSON.stringify(phase.gate),
    notice: MEDICAL_NOTE,
  };
}

/** A path of the machine that trained is nobody's business. */
function withoutFiles({ weights: _, ...choice }: Readonly<Record<string, unknown>>): object {
  return choice;
}

/** What each metric chose on validation images, as `evaluate` tells it; empty for a phase that was not evaluated. */
async function thresholdsOf({ opened, phase, registry }: DescribedNetwork): Promise<object> {
  try {
    const heads = await readPhaseStatistics({ stores: [opened.store], phase, registry });
    const chosen = heads.map(({ head, dataset, gate, metrics }) => {
      const own = metrics.flatMap(({ metric, seeds }) => {
        const [first] = seeds[0]?.fitted ?? [];
        return first === undefined ? [] : [[metric, first] as const];
      });
      return [`${head}@${dataset}/${gate}`, Object.fromEntries(own)] as const;
    });
    return Object.fromEntries(chosen);
  } catch (error) {
    if (isMultichexnetError(error) && error.code === 'RUN_PHASE_UNFINISHED') return {};
    throw error;
  }
}
