import type { LabelledInput } from '@multichexnet/core';

/** What a sample says of each class of the head: undefined = unknown. At least one is known. */
export type ClsLabel = readonly (boolean | undefined)[];

/** The sample's findings in the head's class order; undefined when it says nothing of any of them. */
export function clsLabel(sample: Pick<LabelledInput, 'labels'>, classes: readonly string[]): ClsLabel | undefined {
  const { findings } = sample.labels;
  const label = classes.map((name) => (Object.hasOwn(findings, name) ? findings[name] : undefined));
  return label.some((value) => value !== undefined) ? label : undefined;
}

/** Targets [C]: 1 where positive; an unknown class holds 0 and is masked by {@link knownClasses}. */
export function encodeLabel(label: ClsLabel): Float32Array {
  return Float32Array.from(label, (value) => (value === true ? 1 : 0));
}

/** 1 where the class is known, [C]. */
export function knownClasses(label: ClsLabel): number[] {
  return label.map((value) => (value === undefined ? 0 : 1));
}
