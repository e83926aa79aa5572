import type { MeasuredMetric } from '../metrics/measure-phase.js';
import { lineFigure, type LineFigure } from '../page/figure.js';
import { thin, type Line } from '../page/line-plot.js';
import {
  classScores,
  diceLines,
  frocLine,
  hasBothLabels,
  precisionLine,
  reliabilityLine,
  rocLine,
  type ClassScores,
} from './curves.js';

const SHARE = [0, 1] as const;
/** More lines than this cannot be told apart: then the first seed's alone are drawn. */
const MOST_LINES = 16;
/** Points that a thin line has at most, about. */
const THIN = 80;

/** Records of one head on one dataset as one seed wrote them. */
export interface SeedRecords {
  readonly seed: number;
  /** Of one name, all folds together. */
  readonly records: (name: string) => readonly unknown[];
}

/** Where curves are from; the first seed's are drawn, and the others' thinly where they can be told apart. */
export interface CurvePlace {
  /** At least one; a run without `seeds` has one whose number is not told. */
  readonly seeds: readonly [SeedRecords, ...SeedRecords[]];
  readonly where: string;
  /** Name of downloaded files, without its end. */
  readonly file: string;
}

/** ROC, precision-recall and reliability, a line for every class of which there are positives and negatives. */
export async function classCurves(
  { seeds, where, file }: CurvePlace,
  classes: readonly string[],
  metrics: readonly MeasuredMetric[],
): Promise<string[]> {
  const scores = seeds.map(({ records }) => classScores(records('findings'), classes).filter(hasBothLabels));
  const [drawn = []] = scores;
  if (drawn.length === 0) return [];
  const told = (measure: string): string =>
    drawn
      .map(({ name }) => {
        const value = metrics.find(({ metric }) => metric === `${measure}/${name}`)?.value;
        return `${name} ${value === undefined ? 'not defined' : value.toFixed(2)}`;
      })
      .join(', ');
  const figure = (
    line: (of: ClassScores) => Line,
    { title, ...more }: Omit<LineFigure, 'lines' | 'file'> & { readonly ending: string },
  ): Promise<string> => {
    const lines = scores.map((own) => own.map(line));
    return lineFigure({ ...more, ...overSeeds(title, lines, seeds), file: `${file}-${more.ending}` });
  };
  return [
    await figure(rocLine, {
      title: 'ROC',
      alt: `ROC curves, ${where}. Area: ${told('auroc')}`,
      ending: 'roc',
      x: { title: 'false positive rate', domain: SHARE },
      y: { title: 'sensitivity', domain: SHARE },
      diagonal: true,
    }),
    await figure(precisionLine, {
      title: 'Precision and recall',
      alt: `Precision over sensitivity, ${where}. Average precision: ${told('ap')}`,
      ending: 'pr',
      x: { title: 'sensitivity', domain: SHARE },
      y: { title: 'precision', domain: SHARE },
    }),
    await figure(reliabilityLine, {
      title: 'Reliability',
      alt: `Share of positives over mean probability in ten bins, ${where}. Expected calibration error: ${told('ece')}`,
      ending: 'reliability',
      x: { title: 'mean probability', domain: SHARE },
      y: { title: 'share of positives', domain: SHARE },
      diagonal: true,
      marked: drawn.length < 4,
    }),
  ];
}

export async function frocFigure({ seeds, where, file }: CurvePlace): Promise<string[]> {
  const lines = seeds.map(({ records }) => [frocLine(records('boxes'), 'boxes')].filter((line) => line !== undefined));
  const [line] = lines[0] ?? [];
  if (line === undefined) return [];
  const most = line.points.at(-1)?.[1] ?? 0;
  return [
    await lineFigure({
      ...overSeeds('FROC (a hit has IoU 0.5)', lines, seeds),
      alt: `Sensitivity over false alarms an image, ${where}; it reaches ${most.toFixed(2)}`,
      file: `${file}-froc`,
      x: { title: 'false alarms an image' },
      y: { title: 'share of boxes found', domain: SHARE },
    }),
  ];
}

export function diceFigure({ seeds, where, file }: CurvePlace): Promise<string> {
  const lines = seeds.map(({ records }) => diceLines(records('overlap')));
  const best = (lines[0] ?? []).map(
    ({ name, points }) => `${name} ${Math.max(...points.map(([, y]) => y)).toFixed(2)}`,
  );
  return lineFigure({
    ...overSeeds('Dice by threshold', lines, seeds),
    alt: `Mean Dice over the threshold of a pixel, ${where}. Highest: ${best.join(', ')}`,
    file: `${file}-dice`,
    x: { title: 'threshold', domain: SHARE },
    y: { title: 'mean Dice', domain: SHARE },
  });
}

/** @param lines of each seed */
function overSeeds(
  title: string,
  lines: readonly (readonly Line[])[],
  seeds: CurvePlace['seeds'],
): Pick<LineFigure, 'title' | 'lines'> {
  const [first = [], ...others] = lines;
  const [{ seed }, ...more] = seeds;
  if (more.length === 0) return { title, lines: first };
  if (first.length * seeds.length > MOST_LINES)
    return { title: `${title}, seed ${seed} of ${seeds.length}`, lines: first };
  const names = new Set(first.map(({ name }) => name));
  const again = others.flatMap((own, i) =>
    own.flatMap(({ name, points }): Line[] =>
      names.has(name) ? [{ name: `${name}, seed ${more[i]!.seed}`, of: name, points: thin(points, THIN) }] : [],
    ),
  );
  const thinly = `seed${more.length > 1 ? 's' : ''} ${more.map((one) => one.seed).join(', ')} thin`;
  return { title: `${title}, seed ${seed}; ${thinly}`, lines: [...first, ...again] };
}
