import type { ImageSource } from '../data/image-source.js';
import { geometryOf, labelledInput, type PreparedImage } from '../data/prepared-image.js';
import type { Sample, Split } from '../data/sample.js';
import { MultichexnetError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import type { HeadModule } from '../model/network.js';
import type { OutputValue } from '../plugin/sample-values.js';
import { assertNotStopped } from '../run/stop-signal.js';
import { recordName } from '../plugin/metric.js';
import type { Inference, SampleOutputs } from './infer.js';

/** What metrics need of one part of one dataset: compact, JSON-able, in sample order. */
export interface EvaluationRecords {
  readonly samples: readonly RecordedSample[];
  /** Record name of a metric -> one record per sample. */
  readonly metrics: Readonly<Record<string, readonly unknown[]>>;
}

export interface RecordedSample {
  readonly id: string;
  readonly dataset: string;
  readonly patient: string;
  /** What subgroups are made of; absent = not known. */
  readonly sex?: 'F' | 'M';
  readonly ageYears?: number;
  readonly view?: string;
  readonly source?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One head behind one gate. */
export interface RecordRequest {
  readonly key: string;
  readonly head: HeadModule;
  /** Whether the gate lets a sample through; absent = everything passes. */
  readonly passes?: (image: PreparedImage) => boolean;
}

export interface CollectOptions {
  readonly inference: Inference;
  readonly requests: readonly RecordRequest[];
  readonly source: ImageSource;
  readonly split: Split;
  readonly batchSize: number;
  readonly logger: Logger;
  readonly name: string;
  /** Ends the pass before the next batch. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs the network once over one part and keeps, for every request, each metric's record of every sample whose label is known. @throws MultichexnetError INTERRUPTED, RUN_PREEMPTED */
export async function collectRecords(options: CollectOptions): Promise<Record<string, EvaluationRecords>> {
  const { source } = options;
  const indices = source.indices(options.split);
  const collected = options.requests.map(({ key, head, passes }) => ({
    key,
    head,
    passes,
    samples: [] as RecordedSample[],
    observers: new Map([...head.head.metrics].reverse().map((metric) => [recordName(metric), metric])),
    metrics: Object.fromEntries(head.head.metrics.map((metric) => [recordName(metric), [] as unknown[]])),
  }));
  for (let at = 0; at < indices.length; at += options.batchSize) {
    assertNotStopped(
      options.signal,
      `stopped in ${options.name} after ${at} of ${indices.length} images; what is trained is saved: the same command with --resume evaluates it`,
    );
    const images = await source.loadReadable(indices.slice(at, at + options.batchSize));
    const outputs = await options.inference.run(images);
    images.forEach((image, i) => {
      for (const { head, passes, samples, observers, metrics } of collected) {
        const label: unknown = head.plugin.label(labelledInput(image), head.options);
        if (label === undefined) continue;
        const passed = passes?.(image) ?? true;
        const item = metricItem(head, image, label, passed ? (outputs[i] as SampleOutputs)[head.name] : undefined);
        samples.push(recordSample(image.sample));
        for (const [name, metric] of observers) metrics[name]?.push(metric.observe(item));
      }
    });
    options.logger.progress({
      name: options.name,
      done: Math.min(indices.length, at + options.batchSize),
      total: indices.length,
    });
  }
  return Object.fromEntries(collected.map(({ key, samples, metrics }) => [key, { samples, metrics }]));
}

function recordSample({ id, dataset, patient, view, source, attributes }: Sample): RecordedSample {
  const { key, sex, ageYears } = patient;
  return {
    id,
    dataset,
    patient: key,
    ...(sex === undefined ? {} : { sex }),
    ...(ageYears === undefined ? {} : { ageYears }),
    ...(view === undefined ? {} : { view }),
    ...(source === undefined ? {} : { source }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

function metricItem(
  head: HeadModule,
  image: PreparedImage,
  label: unknown,
  outputs: readonly OutputValue[] | undefined,
): never {
  const geometry = geometryOf(image);
  if (outputs === undefined && head.head.empty === undefined)
    throw new MultichexnetError('HEAD_NO_EMPTY', `head "${head.name}" stands behind a gate but has no empty(geometry)`);
  const prediction: unknown = outputs === undefined ? head.head.empty?.(geometry) : head.head.decode(outputs, geometry);
  return { outputs, prediction, label, sample: image.sample, geometry } as never;
}

/** Several parts as one (RSNA and SIIM-ACR image labels together). */
export function joinRecords(parts: readonly EvaluationRecords[]): EvaluationRecords {
  const names = new Set(parts.flatMap((part) => Object.keys(part.metrics)));
  return {
    samples: parts.flatMap((part) => part.samples),
    metrics: Object.fromEntries([...names].map((name) => [name, parts.flatMap((part) => part.metrics[name] ?? [])])),
  };
}
