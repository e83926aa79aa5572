import {
  bootstrapIntervals,
  pairedBootstrap,
  type BootstrapInterval,
  type IntervalMethod,
} from '@multichexnet/metrics';
import { groupsOf } from '../data/fold-splits.js';
import { MultichexnetError } from '../errors.js';
import { recordName, type AnyMetric, type CountedClass } from '../plugin/metric.js';
import type { OutputValue } from '../plugin/sample-values.js';
import type { EvaluationRecords, RecordedSample } from './records.js';

/** One train/test division: one for a plain split, folds x repeats for cross-validation. */
export interface FoldRecords {
  readonly validation: EvaluationRecords;
  readonly test: EvaluationRecords;
  /** What an interval draws; default patients. Where folds are of whole sources, images of a source stand or fall together. */
  readonly clusters?: 'source';
}

export interface Measurement {
  /** Absent where the metric is not defined on these images. */
  readonly value?: number;
  /** 95 % interval, bootstrap over patients; absent where a tenth of the resamples has no value, as when one or two patients have a finding. */
  readonly low?: number;
  readonly high?: number;
  readonly images: number;
  readonly patients: number;
  /** Present where the interval draws sources instead of patients. */
  readonly sources?: number;
}

export interface PairedMeasurement {
  readonly difference?: number;
  readonly low?: number;
  readonly high?: number;
  /** Two-sided bootstrap p-value. */
  readonly p?: number;
  /** Two-sided p of the metric's own test, where it has one: DeLong's with clusters for the AUROC of a class. */
  readonly testP?: number;
}

type Metric = AnyMetric<unknown, readonly OutputValue[], unknown>;

/** A metric over folds as a function of how often each test image counts: the mean of the folds on which it is defined. */
export class FoldStatistic {
  /** What is drawn together, of every test image, fold after fold: its patient, or its source. */
  readonly clusters: string[];
  /** `dataset/id` of every test image, to pair two statistics. */
  readonly images: string[];
  private readonly metric: Metric;
  private readonly ofSources: boolean;
  /** The samples of every test image, in the same order. */
  readonly samples: readonly RecordedSample[];
  /** What the metric chose on each fold's validation part (thresholds, a temperature); undefined where it chooses nothing. */
  readonly fitted: readonly unknown[];
  /** For what no fold, or not every fold, could choose on its validation part, so that a default stands in: classes, `masks`, `boxes`. */
  readonly untuned: readonly string[];
  /** Of a mean over classes: what each has in the test images, an image that several folds test once. */
  readonly classes: readonly CountedClass[] | undefined;
  private readonly folds: readonly { readonly prepared: unknown; readonly size: number }[];

  /**
   * Whatever a metric chooses (thresholds) it chooses on the fold's validation part.
   * @throws MultichexnetError RUN_NO_RECORDS
   */
  constructor(metric: Metric, folds: readonly FoldRecords[]) {
    this.metric = metric;
    this.samples = folds.flatMap(({ test }) => test.samples);
    this.ofSources = folds.length > 0 && folds.every(({ clusters }) => clusters === 'source');
    this.clusters = groupsOf(
      this.samples.map(({ patient, ...sample }) => ({ ...sample, patient: { key: patient } })),
      this.ofSources ? 'source' : 'patient',
    );
    this.images = this.samples.map(({ dataset, id }) => `${dataset}/${id}`);
    this.fitted = folds.map(({ validation }) => metric.fit?.(recordsOf(validation, metric)) as unknown);
    const untuned = folds.flatMap(
      ({ validation, test }) => metric.untuned?.(recordsOf(validation, metric), recordsOf(test, metric)) ?? [],
    );
    this.untuned = [...new Set(untuned)];
    this.folds = folds.map(({ test }, fold) => ({
      prepared: metric.prepare(recordsOf(test, metric), this.fitted[fold]) as unknown,
      size: test.samples.length,
    }));
    this.classes = metric.classes && this.countClasses(folds);
  }

  get hasInterval(): boolean {
    return this.metric.interval !== false;
  }

  private countClasses(folds: readonly FoldRecords[]): readonly CountedClass[] {
    const { metric } = this;
    const count = (prepared: unknown): readonly CountedClass[] => metric.classes?.(prepared) ?? [];
    const [only, ...others] = this.folds;
    if (only !== undefined && others.length === 0) return count(only.prepared);
    const records = folds.flatMap(({ test }) => recordsOf(test, metric));
    const first = new Map([...this.images.entries()].reverse().map(([i, image]) => [image, i]));
    const once = records.filter((_, i) => first.get(this.images[i] as string) === i);
    const counted = new Set(
      this.folds.flatMap(({ prepared }) => count(prepared).flatMap((own) => (own.counted ? [own.name] : []))),
    );
    return count(metric.prepare(once, this.fitted[0])).map((own) => ({ ...own, counted: counted.has(own.name) }));
  }

  value(multiplicity: Uint16Array): number | undefined {
    let [sum, defined, at] = [0, 0, 0];
    for (const { prepared, size } of this.folds) {
      const value = this.metric.reduce(prepared, multiplicity.subarray(at, at + size));
      at += size;
      if (value === undefined) continue;
      sum += value;
      defined++;
    }
    return defined === 0 ? undefined : sum / defined;
  }

  /** How much was measured: of the given test images, an image that several folds test once. */
  counts(items: readonly number[] = [...this.images.keys()]): Counts {
    const unique = (values: readonly string[]): number => new Set(items.map((item) => values[item])).size;
    return {
      images: unique(this.images),
      patients: unique(this.samples.map(({ patient }) => patient)),
      ...(this.ofSources ? { sources: unique(this.clusters) } : {}),
    };
  }

  /** p of the metric's own test against another statistic of the same images; several folds have none. */
  test(other: FoldStatistic): number | undefined {
    const [first, second] = [this.folds, other.folds];
    if (first.length !== 1 || second.length !== 1) return undefined;
    return this.metric.test?.(first[0]!.prepared, second[0]!.prepared, this.clusters);
  }
}

/** For what any of the seeds of one metric has a default threshold. */
export function untunedOf(seeds: readonly FoldStatistic[]): string[] {
  return [...new Set(seeds.flatMap(({ untuned }) => untuned))];
}

/** Records are looked up by name, and a run may be older than the metric. */
function recordsOf({ samples, metrics }: EvaluationRecords, metric: Metric): readonly unknown[] {
  const records = metrics[recordName(metric)];
  if (records !== undefined) return records;
  if (samples.length === 0) return [];
  throw new MultichexnetError(
    'RUN_NO_RECORDS',
    `the run has no records of metric "${metric.name}": it was made by another version; run it again`,
  );
}

export type Counts = Pick<Measurement, 'images' | 'patients' | 'sources'>;

export interface BootstrapSettings {
  readonly resamples: number;
  readonly seed: number;
  /** Of intervals; differences are always percentile. Default `percentile`. */
  readonly method?: IntervalMethod;
}

export function measure(statistic: FoldStatistic, settings: BootstrapSettings): Measurement {
  return measureAll([statistic], settings)[0] as Measurement;
}

/** {@link measure} of several metrics of the same images, in one pass over the resamples. */
export function measureAll(
  statistics: readonly FoldStatistic[],
  { resamples, seed, method = 'percentile' }: BootstrapSettings,
): Measurement[] {
  const [first] = statistics;
  if (first === undefined) return [];
  const { clusters } = first;
  if (clusters.length === 0) return statistics.map(() => ({ images: 0, patients: 0 }));
  const intervals = bootstrapIntervals({
    clusters,
    seed,
    resamples,
    method,
    statistics: (multiplicity) => statistics.map((statistic) => statistic.value(multiplicity)),
  });
  const counts = first.counts();
  return intervals.map((interval, i) => toMeasurement(interval, counts, statistics[i]));
}

/** @param of whose interval it is, where it is one statistic's */
export function toMeasurement(interval: BootstrapInterval, counts: Counts, of?: FoldStatistic): Measurement {
  const { value, low, high } = interval;
  const told = of?.hasInterval !== false && saysEnough(interval);
  return { ...defined(told ? { value, low, high } : { value }), ...counts };
}

/** An interval of those resamples alone that have a value is too narrow where many have none. */
export function saysEnough({ resamples, dropped }: Pick<BootstrapInterval, 'resamples' | 'dropped'>): boolean {
  return dropped < MOST_DROPPED * (resamples + dropped);
}

const MOST_DROPPED = 0.1;

/** The difference on the same images; undefined when the two were not measured on the same images in the same order. */
export function measureDifference(
  first: FoldStatistic,
  second: FoldStatistic,
  { resamples, seed }: BootstrapSettings,
): PairedMeasurement | undefined {
  if (first.images.length === 0 || first.images.join('\n') !== second.images.join('\n')) return undefined;
  const paired = pairedBootstrap({
    clusters: first.clusters,
    seed,
    resamples,
    first: (multiplicity) => first.value(multiplicity),
    second: (multiplicity) => second.value(multiplicity),
  });
  const { difference, low, high, p } = paired;
  return defined({ difference, low, high, p, testP: first.test(second) });
}

function defined<T extends Record<string, number | undefined>>(values: T): { [K in keyof T]?: number } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: number;
  };
}
