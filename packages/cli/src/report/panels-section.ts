import {
  isMultichexnetError,
  silentLogger,
  type Logger,
  type PhaseEvaluations,
  type ResolvedPhase,
  type Sample,
} from '@multichexnet/core';
import { ImagingError } from '@multichexnet/imaging';
import { resolve } from 'node:path';
import { measurePhase } from '../metrics/measure-phase.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { choosePhase } from '../predict/choose-phase.js';
import { drawPanel } from './draw-panel.js';
import { PanelNetworks } from './panel-network.js';
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

export interface PanelChoice {
  /** Panels on the page; 0 = none. */
  readonly most: number;
  /** Whether heat maps are drawn. */
  readonly cam: boolean;
}

/** Test images with truth, prediction and heat map, the failures first: of the phase with most heads, and of the last one on every dataset that it does not cover. */
export async function panelsSection(run: ReportedRun, { most, cam }: PanelChoice, logger: Logger): Promise<string> {
  if (most === 0 || run.phases.finished.length === 0) return '';
  const notes = cam ? [] : ['Heat maps were left out (--no-cam).'];
  const rankings = await rankAll(run, notes);
  const share = Math.max(1, Math.floor(most / Math.max(1, rankings.length)));
  const samples = new Map<string, ReadonlyMap<string, Sample>>();
  const parts: string[] = [];
  const networks = new PanelNetworks(run, notes, cam);
  try {
    for (const [i, ranking] of rankings.entries()) {
      const { dataset } = ranking;
      if (!samples.has(dataset)) samples.set(dataset, await samplesOf(run, dataset, notes));
      parts.push(await renderRanking(ranking, samples.get(dataset)!, share, networks));
      logger.progress({ name: 'images of the report', done: i + 1, total: rankings.length });
    }
  } finally {
    await networks.dispose();
  }
  const { seed } = run.phases;
  const whose =
    seed === undefined ? '' : `Networks of seed ${seed}, the first of ${run.seeds.length}: others may fail elsewhere. `;
  return `<section id="panels"><h2>Images, the failures first</h2>
<p>${whose}There (blue, solid): what the dataset says. Found (orange, dashed): boxes and masks of all heads of the network; those of the ranked head at the threshold that validation chose, others at the threshold of their options. Looked at: Grad-CAM of the ranked head, from nothing over dark red to yellow; a classifier's for the class that is most wrong. A map says what moved the score, not that it is right. Test parts only; below each film its place among the failures.</p>
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
    notes.push(`No pictures of ${dataset}: ${error.message.split(/[;\n]/)[0] ?? ''}`);
    return new Map();
  }
}

async function renderRanking(
  { phase, head, dataset, images }: Ranking,
  samples: ReadonlyMap<string, Sample>,
  share: number,
  networks: PanelNetworks,
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
      const { finding } = ranked;
      const question = { phase, head, sample, ...(finding === undefined ? {} : { target: finding }) };
      const seen = await networks.see(question);
      const place = images.indexOf(ranked) + 1;
      const id = `film-${phase.name}-${head}-${dataset}-${place}`.replaceAll(/[^\w-]/g, '_');
      panels.push(await drawPanel({ id, head, ranked, place, sample, ...(seen === undefined ? {} : { seen }) }));
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
