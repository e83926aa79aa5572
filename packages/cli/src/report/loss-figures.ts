import { isHeadLoss, readHistory, type HistoryEntry, type ResolvedPhase, type RunStore } from '@multichexnet/core';
import { lineFigure } from '../page/figure.js';
import type { Line, Point } from '../page/line-plot.js';
import { smooth } from './curves.js';

/** What a step logs, by what it is drawn with. */
const KINDS = [
  { title: 'Loss', y: 'loss', file: 'loss', of: isHeadLoss },
  { title: 'Gradient norm', y: 'norm', file: 'gradients', of: (name: string) => name.startsWith('gradient/norm') },
  {
    title: 'Angles of gradients',
    y: 'cosine',
    file: 'cosines',
    of: (name: string) => name.startsWith('gradient/cosine'),
  },
  { title: 'Weights of the losses', y: 'weight', file: 'weights', of: (name: string) => name.startsWith('weighting/') },
  { title: 'Validation', y: 'value', file: 'validation', of: (name: string) => name.startsWith('validation/') },
] as const;

/** What the phase's training logged, step by step; of its first fold where there are several. */
export async function lossFigures(store: RunStore, { name: phase }: ResolvedPhase): Promise<string[]> {
  const folder = store.phaseFolder(phase);
  const whole = await readHistory(`${folder}/metrics.jsonl`);
  const history = whole.length > 0 ? whole : await readHistory(`${folder}/fold-1/metrics.jsonl`);
  const names = [...new Set(history.flatMap((entry) => Object.keys(entry)))];
  const figures: string[] = [];
  for (const { title, y, file, of } of KINDS) {
    const lines = names.filter(of).map((name) => lineOf(name, history));
    if (lines.length === 0) continue;
    const ends = lines.map((line) => `${line.name} ${line.points.at(-1)?.[1].toPrecision(3) ?? '-'}`).join(', ');
    figures.push(
      await lineFigure({
        title,
        alt: `${title} over steps, ${phase}. At the end: ${ends}`,
        file: `${phase}-${file}`,
        x: { title: 'step' },
        y: { title: y },
        lines,
        marked: lines.some(({ points }) => points.length < 3),
      }),
    );
  }
  return figures;
}

function lineOf(name: string, history: readonly HistoryEntry[]): Line {
  const points = history.flatMap((entry): Point[] => (entry[name] === undefined ? [] : [[entry.step, entry[name]]]));
  return {
    name: name.replace(/^(gradient\/(norm|cosine)|weighting|validation)\/?/, '') || 'all',
    points: smooth(points),
  };
}
