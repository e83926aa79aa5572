import {
  isMultichexnetError,
  prepareImage,
  silentLogger,
  type Logger,
  type PhaseEvaluations,
  type ResolvedPhase,
  type Sample,
} from '@multichexnet/core';
import { ImagingError } from '@multichexnet/imaging';
import { resolve } from 'node:path';
import { createContainer } from '../create-container.js';
import { measurePhase } from '../metrics/measure-phase.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { choosePhase } from '../predict/choose-phase.js';
import { loadPredictor, type Predictor } from '../predict/load-predictor.js';
import type { FoundMask } from '../predict/predict-files.js';
import { startEngine } from '../start-engine.js';
import { drawPanel } from './draw-panel.js';
import { rankFailures, type RankedImage } from './rank-failures.js';
import type { ReportedRun } from './read-run.js';
import { list } from './tables-section.js';

/** Of each head on each dataset: so many of the worst, and of the best with something to find. */
const WORST = 6;
const BEST = 2;
/** Images in the list to download. */
const LISTED = 200;

interface Ranking {
  readonly phase: ResolvedPhase;
  readonly head: string;
  readonly dataset: string;
  readonly images: readonly RankedImage[];
}

/**
 * Test images with truth and prediction, the failures first: of the phase with most heads, and of the last one on every dataset that it does not cover.
 * @param most panels on the page; 0 = none
 */
export async function panelsSection(run: ReportedRun, most: number, logger: Logger): Promise<string> {
  if (most === 0 || run.phases.finished.length === 0) return '';
  const notes: string[] = [];
  const rankings = await rankAll(run, notes);
  const share = Math.max(1, Math.floor(most / Math.max(1, rankings.length)));
  const samples = new Map<string, ReadonlyMap<string, Sample>>();
  const parts: string[] = [];
  const masks = new MaskPredictor(run, notes);
  try {
    for (const [i, ranking] of rankings.entries()) {
      const { dataset } = ranking;
      if (!samples.has(dataset)) samples.set(dataset, await samplesOf(run, dataset, notes));
      parts.push(await renderRanking(ranking, samples.get(dataset)!, share, masks));
      logger.progress({ name: 'images of the report', done: i + 1, total: rankings.length });
    }
  } finally {
    masks.dispose();
  }
  return `<section id="panels"><h2>Images, the failures first</h2>
<p>Blue, solid: what the dataset says is there. Orange, dashed: what the network found. Test parts only; below each picture its place among the failures.</p>
${list([...new Set(notes)])}
${parts.join('\n')}</section>`;
}

async function rankAll(run: ReportedRun, notes: string[]): Promise<Ranking[]> {
  const { registry, protocol, phases } = run;
  const main = choosePhase({ ...run, protocol: { ...protocol, phases: phases.finished } }, undefined);
  const covered = new Set<string>();
  const rankings: Ranking[] = [];
  for (const phase of [main, ...[...phases.finished].reverse()]) {
    const evaluations = (await phases.store.readJson<PhaseEvaluations>('phases', phase.name, 'evaluation.json')) ?? {};
    const places = Object.entries(evaluations).flatMap(([key, folds]) => {
      const [, head = '', dataset = '', gate = ''] = /^(.*)@(.*)\/(.*)$/.exec(key) ?? [];
      return gate === 'oracle' || covered.has(dataset) ? [] : [{ head, dataset, gate, folds }];
    });
    if (places.length === 0) continue;
    try {
      const one = { resamples: 1, seed: protocol.seed }; // What was chosen on validation is wanted, not the intervals.
      const metrics = await measurePhase({
        stores: [phases.store],
        phase,
        registry,
        protocol: one,
        logger: silentLogger,
      });
      for (const { head, dataset, gate, folds } of places) {
        const own = metrics.filter(
          (metric) => metric.head === head && metric.dataset === dataset && metric.gate === gate,
        );
        const images = rankFailures(folds, own);
        if (images.length > 0) rankings.push({ phase, head, dataset, images });
      }
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      notes.push(`${phase.name}: ${error.message}`);
    }
    for (const { dataset } of places) covered.add(dataset);
  }
  return rankings;
}

/** Images by id, as the dataset's root says today. */
async function samplesOf(run: ReportedRun, dataset: string, notes: string[]): Promise<ReadonlyMap<string, Sample>> {
  const { kind = '', root, fraction: _, ...options } = run.protocol.datasets[dataset] ?? {};
  try {
    const index = await run.registry.dataset(kind).open(resolve(root ?? ''), options, {});
    return new Map(index.samples.map((sample) => [sample.id, sample]));
  } catch (error) {
    if (!isMultichexnetError(error)) throw error;
    notes.push(`No pictures of ${dataset}: ${error.message}`);
    return new Map();
  }
}

async function renderRanking(
  { phase, head, dataset, images }: Ranking,
  samples: ReadonlyMap<string, Sample>,
  share: number,
  masks: MaskPredictor,
): Promise<string> {
  const best = Math.min(BEST, Math.floor(share / 3));
  const worst = images.slice(0, Math.min(WORST, share - best));
  const good = images
    .filter(({ positive }) => positive)
    .slice(-best || Infinity)
    .filter((image) => !worst.includes(image));
  const panels: string[] = [];
  for (const ranked of [...worst, ...good]) {
    const sample = samples.get(ranked.sample.id);
    if (sample === undefined) continue;
    try {
      const mask = sample.labels.mask === undefined ? undefined : await masks.of(phase, head, sample);
      const place = images.indexOf(ranked) + 1;
      panels.push(await drawPanel({ ranked, place, sample, ...(mask === undefined ? {} : { mask }) }));
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      panels.push(`<p class="bad">${escapeText(`${sample.id}: ${error.message}`)}</p>`);
    }
  }
  const rows = images
    .slice(0, LISTED)
    .map(({ sample, error, words }, i) => [i + 1, sample.id, sample.patient, error, words]);
  const file = download(
    `${phase.name}-${head}-${dataset}-failures.csv`,
    'text/csv',
    csv(['place', 'image', 'patient', 'error', 'what'], rows),
    `the ${Math.min(LISTED, images.length)} worst of ${images.length} (CSV)`,
  );
  return `<h3>${escapeText(`${head} on ${dataset}, ${phase.name}`)}</h3><div class="panels">${panels.join('')}</div><p>${file}</p>`;
}

/** Records hold no masks: the network says them again. Without the engine, or without weights, none are drawn. */
class MaskPredictor {
  private readonly run: ReportedRun;
  private readonly notes: string[];
  private readonly predictors = new Map<string, Promise<Predictor | undefined>>();
  private readonly closing: (() => void)[] = [];

  constructor(run: ReportedRun, notes: string[]) {
    this.run = run;
    this.notes = notes;
  }

  /** The mask of a head that finds masks; undefined for others, and where it cannot be had. */
  async of(phase: ResolvedPhase, head: string, sample: Sample): Promise<FoundMask | undefined> {
    if (phase.heads[head]?.kind !== 'seg') return undefined;
    let predictor = this.predictors.get(phase.name);
    if (predictor === undefined) this.predictors.set(phase.name, (predictor = this.load(phase)));
    const loaded = await predictor;
    if (loaded === undefined) return undefined;
    const image = await prepareImage({ ...sample, split: 'test' }, loaded.preprocessing);
    const { predictions } = await loaded.predict(image);
    return (predictions[head] as { readonly mask?: FoundMask } | undefined)?.mask;
  }

  dispose(): void {
    for (const close of this.closing.reverse()) close();
  }

  private async load(phase: ResolvedPhase): Promise<Predictor | undefined> {
    const { run } = this;
    try {
      const engine = await startEngine(createContainer({ logger: silentLogger, plugins: run.plugins.set }));
      this.closing.push(() => engine.dispose());
      const opened = { ...run, store: run.phases.store };
      const predictor = await loadPredictor({ opened, phase, engine, registry: run.registry, logger: silentLogger });
      this.closing.push(() => predictor.dispose());
      return predictor;
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      if (code === undefined) throw error;
      this.notes.push(`Predicted masks are not drawn: ${code}, ${message}`);
      return undefined;
    }
  }
}
