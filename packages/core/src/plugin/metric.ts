import type { Sample } from '../data/sample.js';
import type { ImageGeometry } from './image-geometry.js';
import type { OutputValue } from './sample-values.js';

/** One evaluated image, seen once while evaluation streams. */
export interface MetricItem<L, O extends readonly OutputValue[] = readonly OutputValue[], P = unknown> {
  /** Raw outputs; `undefined` = the gate held the image back, so that the head never saw it. */
  readonly outputs: O | undefined;
  /** What `decode` made of the outputs, or what `empty` says for an image held back by the gate. */
  readonly prediction: P;
  readonly label: L;
  /** The sample with its labels in original image coordinates. */
  readonly sample: Sample;
  readonly geometry: ImageGeometry;
}

/**
 * A statistic over images that can be resampled. While evaluation streams, `observe` keeps a compact record per image; `fit` chooses what may be chosen
 * (thresholds) on validation records only; `prepare` is run once on the test records; `reduce` then costs one pass per bootstrap resample.
 */
export interface HeadMetric<
  L,
  O extends readonly OutputValue[] = readonly OutputValue[],
  P = unknown,
  R = unknown,
  T = unknown,
  Q = unknown,
> {
  /** e.g. `auroc`, `mAP`, `dice`, `auroc/Effusion`. */
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** The one class that it is about; its name is then `<measure>/<class>`, and tables have a row per class. */
  readonly class?: string;
  /** False for a statistic that noise shifts, which resampling adds: its percentile interval would lie beside its value, so that none is given. */
  readonly interval?: false;
  /** Metrics of a head that name the same record share one: what `observe` of the first of them gives. Default: the metric's own name. */
  readonly record?: string;
  observe(item: MetricItem<L, O, P>): R;
  fit?(records: readonly R[]): T;
  /**
   * For what `fit` found nothing to choose by in validation records - no positive image - so that a default stands in: names of classes, `masks` or `boxes`.
   * What has no test record is left out. Tables mark it.
   */
  untuned?(validation: readonly R[], test: readonly R[]): readonly string[];
  prepare(records: readonly R[], fitted: T | undefined): Q;
  /** `multiplicity[i]`: how often record i counts (1 everywhere for the plain value). `undefined` = not defined on these images. */
  reduce(prepared: Q, multiplicity: Uint16Array): number | undefined;
  /**
   * A test of two models on the same images that needs no resampling (DeLong's): its two-sided p. `clusters[i]` is the patient of record i.
   */
  test?(first: Q, second: Q, clusters: readonly string[]): number | undefined;
  /** Of a mean over classes: what each class has in the records, and whether the mean counts it. Tables tell it. */
  classes?(prepared: Q): readonly CountedClass[];
}

/** A class with the images known to have it and known to lack it. */
export interface CountedClass {
  readonly name: string;
  readonly positives: number;
  readonly negatives: number;
  readonly counted: boolean;
}

/** A metric whose record types are its own affair. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- records flow only from a metric to itself
export type AnyMetric<L, O extends readonly OutputValue[], P> = HeadMetric<L, O, P, any, any, any>;

/** The name under which a metric's records are kept. */
export function recordName({ name, record }: { readonly name: string; readonly record?: string }): string {
  return record ?? name;
}
