import type { OpenedDataset } from '../data/open-datasets.js';
import type { SplitSample } from '../data/sample.js';
import { MultichexnetError } from '../errors.js';
import type { LabelledInput } from '../plugin/head-plugin.js';
import type { PluginRegistry } from '../plugin/registry.js';
import type { ResolvedPhase } from './resolved-phase.js';

/** A head whose dataset says nothing of its task would train on nothing, without a word: every loss is a mean over no known label. */
export function checkLabels(
  phases: readonly ResolvedPhase[],
  datasets: ReadonlyMap<string, OpenedDataset>,
  registry: PluginRegistry,
): MultichexnetError[] {
  const problems: MultichexnetError[] = [];
  for (const phase of phases) {
    for (const turn of phase.schedule.turns) {
      const samples = datasets.get(turn.on)?.samples.filter(({ split }) => split === 'train') ?? [];
      for (const name of turn.heads ?? turn.train.filter((module) => module !== 'encoder')) {
        const { kind = '', ...options } = phase.heads[name] ?? {};
        const plugin = registry.head(kind);
        const head = plugin.create(options, { seed: 0 });
        const knows = (sample: SplitSample): boolean => {
          const label: unknown = plugin.label(outline(sample, phase), options);
          return label !== undefined && (head.known?.(label) ?? [1]).some((known: number) => known > 0);
        };
        if (samples.length > 0 && !samples.some(knows))
          problems.push(
            new MultichexnetError(
              'DATA_NO_LABELS',
              `no training image of "${turn.on}" has a label for head "${name}" (${kind}); train it on a dataset that has, or leave it out of this turn`,
              { path: `phases.${phase.name}` },
            ),
          );
      }
    }
  }
  return problems;
}

/** The sample as a head sees it, but with nothing drawn: whether a label is known needs no pixel. */
function outline(sample: SplitSample, { boxesFromMasks }: ResolvedPhase): LabelledInput {
  const { boxes, mask } = sample.labels;
  const hasBoxes = boxes !== undefined || (boxesFromMasks !== undefined && mask !== undefined);
  return {
    ...sample,
    input: { size: 1, ...(hasBoxes ? { boxes: [] } : {}), ...(mask === undefined ? {} : { mask: new Uint8Array(1) }) },
  };
}
