import type {
  AnyHeadPlugin,
  HeadPlugin,
  LabelledInput,
  OptionsOf,
  OptionsSchema,
  OutputValue,
} from '@multichexnet/core';
import { registerChecks, type Skip } from './checks.js';
import { TestingError } from './errors.js';
import { headBehaviourChecks } from './head-behaviour-checks.js';
import { headTrainingChecks } from './head-training-checks.js';
import type { HeadSetup } from './head-run.js';
import { completeOptions, optionsChecks } from './options-checks.js';

export interface HeadTestOptions<S extends OptionsSchema, L> {
  /** Labels as `label` returns them, boxes and masks in pixels of `inputSize`; include an empty one (no boxes, no finding) and `undefined` for unknown. */
  readonly labels: readonly (L | undefined)[];
  /** Plugin options; what is left out takes the schema's default. Small ones keep the kit quick. */
  readonly options?: Partial<OptionsOf<S>>;
  /** Pixels per side of the imagined input, a multiple of 32; default 64. */
  readonly inputSize?: number;
  /** Steps of Adam (rate 0.01) in which the loss of the toy batch must fall to 0.8 of what it was; default 40. */
  readonly steps?: number;
  readonly skip?: readonly Skip[];
}

/**
 * Registers the conformance tests of a head with vitest: contract, strict options, shapes, losses of unknown and empty labels, gradients, learning,
 * determinism, traced equals eager, saving, decoding, leaks, isolation.
 *
 * @example
 * testHead(age, { labels: [31, 64, undefined] });
 * @throws {TestingError} TESTING_NO_LABEL when no label is known
 */
export function testHead<S extends OptionsSchema, L, O extends readonly OutputValue[], P>(
  plugin: HeadPlugin<S, L, O, P>,
  { labels, options = {}, inputSize = 64, steps = 40, skip = [] }: HeadTestOptions<S, L>,
): void {
  if (labels.every((label) => label === undefined)) {
    throw new TestingError(
      'TESTING_NO_LABEL',
      `testHead("${plugin.kind}") got no known label: give at least one, e.g. labels: [31, undefined]`,
    );
  }
  const anyPlugin = plugin as AnyHeadPlugin;
  const setup: HeadSetup = {
    plugin: anyPlugin,
    options: completeOptions(anyPlugin, options),
    labels,
    inputSize,
    steps,
  };
  registerChecks(
    `head "${plugin.kind}"`,
    [
      ...optionsChecks(anyPlugin, ['label', 'create'], options),
      ...headBehaviourChecks(setup, silentSample(inputSize)),
      ...headTrainingChecks(setup),
    ],
    skip,
  );
}

/** A sample that says nothing about anything. */
function silentSample(size: number): LabelledInput {
  return {
    dataset: 'silent',
    id: 'silent',
    image: '/silent.png',
    patient: { key: 'silent:1' },
    labels: { findings: {} },
    input: { size },
  };
}
