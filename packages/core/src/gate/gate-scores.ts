import { auroc, rankScores, youdenThreshold } from '@multichexnet/metrics';
import type { ImageSource } from '../data/image-source.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import { MultichexnetError } from '../errors.js';
import type { Inference } from '../evaluate/infer.js';
import type { Logger } from '../log/logger.js';
import type { HeadModule } from '../model/network.js';
import type { OutputValue } from '../plugin/sample-values.js';
import { assertNotStopped } from '../run/stop-signal.js';

/** What a frozen gate says of every image of one dataset, unaugmented. */
export interface GateScores {
  readonly dataset: string;
  /** Classes whose detection makes an image positive. */
  readonly classes: readonly string[];
  /** Scores at or above it pass; chosen on the validation part (Youden). */
  readonly threshold: number;
  /** Present where the validation part has not both positives and negatives, so that the default stands in. */
  readonly untuned?: true;
  /** Image id -> probability of being positive. */
  readonly scores: Readonly<Record<string, number>>;
  /** On the test part, so that a reader can tell a weak gate from a weak head. */
  readonly test: { readonly auroc?: number; readonly sensitivity?: number; readonly specificity?: number };
}

export interface GateRequest {
  readonly inference: Inference;
  readonly head: HeadModule;
  readonly source: ImageSource;
  /** Classes whose detection makes an image positive. */
  readonly classes: readonly string[];
  readonly dataset: string;
  readonly batchSize: number;
  readonly logger: Logger;
  /** Ends the scoring before the next batch. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores every image once.
 * @throws MultichexnetError GATE_HEAD for a head that cannot gate; INTERRUPTED, RUN_PREEMPTED
 */
export async function scoreImages(request: GateRequest): Promise<GateScores> {
  const { source, head, batchSize } = request;
  const scores: Record<string, number> = {};
  for (let at = 0; at < source.samples.length; at += batchSize) {
    assertNotStopped(
      request.signal,
      `stopped in gate scores on ${request.dataset} after ${at} of ${source.samples.length} images; what is trained is saved: the same command with --resume goes on`,
    );
    const indices = Array.from({ length: Math.min(batchSize, source.samples.length - at) }, (_, i) => at + i);
    const images = await source.loadReadable(indices);
    const outputs = await request.inference.run(images);
    images.forEach(
      (image, i) => (scores[image.sample.id] = score(head, outputs[i]?.[head.name] ?? [], request.classes)),
    );
    request.logger.progress({
      name: `gate scores on ${request.dataset}`,
      done: at + indices.length,
      total: source.samples.length,
    });
  }
  const validation = truth(source, scores, 'validation');
  const chosen = youdenThreshold(rankScores(validation.scores, validation.labels));
  if (chosen === undefined)
    request.logger.warn(
      `the validation part of "${request.dataset}" does not hold both positives and negatives: the gate passes scores from 0.5`,
    );
  const threshold = chosen?.threshold ?? 0.5;
  return {
    dataset: request.dataset,
    classes: request.classes,
    threshold,
    ...(chosen === undefined ? { untuned: true } : {}),
    scores,
    test: quality(truth(source, scores, 'test'), threshold),
  };
}

function score(head: HeadModule, outputs: readonly OutputValue[], classes: readonly string[]): number {
  const value: number | undefined = head.head.gateScore?.(outputs, classes);
  if (value === undefined)
    throw new MultichexnetError(
      'GATE_HEAD',
      `head "${head.name}" cannot gate: it has no gateScore, or knows none of ${classes.join(', ')}`,
    );
  return value;
}

interface ScoredTruth {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
}

function truth(
  source: ImageSource,
  scores: Readonly<Record<string, number>>,
  split: 'validation' | 'test',
): ScoredTruth {
  const known = source.samples.filter(
    (sample) => sample.split === split && sample.labels.findings[POSITIVE_FINDING] !== undefined,
  );
  return {
    scores: Float64Array.from(known, ({ id }) => scores[id] ?? 0),
    labels: Uint8Array.from(known, ({ labels }) => (labels.findings[POSITIVE_FINDING] === true ? 1 : 0)),
  };
}

function quality({ scores, labels }: ScoredTruth, threshold: number): GateScores['test'] {
  const count = (label: number, passes: boolean): number =>
    labels.reduce((sum, value, i) => sum + (value === label && (scores[i] ?? 0) >= threshold === passes ? 1 : 0), 0);
  const rate = (hit: number, miss: number): number | undefined => (hit + miss === 0 ? undefined : hit / (hit + miss));
  const values = {
    auroc: auroc(rankScores(scores, labels)),
    sensitivity: rate(count(1, true), count(1, false)),
    specificity: rate(count(0, false), count(0, true)),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
