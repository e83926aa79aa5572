import type { MeasuredMetric } from '../metrics/measure-phase.js';
import { lineFigure } from '../page/figure.js';
import {
  diceLines,
  frocLine,
  hasBothLabels,
  precisionLine,
  reliabilityLine,
  rocLine,
  type ClassScores,
} from './curves.js';

const SHARE = [0, 1] as const;

/** ROC, precision-recall and reliability, a line for every class of which there are positives and negatives. */
export async function classCurves(
  scores: readonly ClassScores[],
  metrics: readonly MeasuredMetric[],
  where: string,
  file: string,
): Promise<string[]> {
  const drawn = scores.filter(hasBothLabels);
  if (drawn.length === 0) return [];
  const told = (measure: string): string =>
    drawn
      .map(({ name }) => {
        const value = metrics.find(({ metric }) => metric === `${measure}/${name}`)?.value;
        return `${name} ${value === undefined ? 'not defined' : value.toFixed(2)}`;
      })
      .join(', ');
  return [
    await lineFigure({
      title: 'ROC',
      alt: `ROC curves, ${where}. Area: ${told('auroc')}`,
      file: `${file}-roc`,
      x: { title: 'false positive rate', domain: SHARE },
      y: { title: 'sensitivity', domain: SHARE },
      lines: drawn.map(rocLine),
      diagonal: true,
    }),
    await lineFigure({
      title: 'Precision and recall',
      alt: `Precision over sensitivity, ${where}. Average precision: ${told('ap')}`,
      file: `${file}-pr`,
      x: { title: 'sensitivity', domain: SHARE },
      y: { title: 'precision', domain: SHARE },
      lines: drawn.map(precisionLine),
    }),
    await lineFigure({
      title: 'Reliability',
      alt: `Share of positives over mean probability in ten bins, ${where}. Expected calibration error: ${told('ece')}`,
      file: `${file}-reliability`,
      x: { title: 'mean probability', domain: SHARE },
      y: { title: 'share of positives', domain: SHARE },
      lines: drawn.map(reliabilityLine),
      diagonal: true,
      marked: drawn.length < 4,
    }),
  ];
}

export async function frocFigure(records: readonly unknown[], where: string, file: string): Promise<string[]> {
  const line = frocLine(records, 'boxes');
  if (line === undefined) return [];
  const most = line.points.at(-1)?.[1] ?? 0;
  return [
    await lineFigure({
      title: 'FROC (a hit has IoU 0.5)',
      alt: `Sensitivity over false alarms an image, ${where}; it reaches ${most.toFixed(2)}`,
      file: `${file}-froc`,
      x: { title: 'false alarms an image' },
      y: { title: 'share of boxes found', domain: SHARE },
      lines: [line],
    }),
  ];
}

export function diceFigure(records: readonly unknown[], where: string, file: string): Promise<string> {
  const lines = diceLines(records);
  const best = lines.map(({ name, points }) => `${name} ${Math.max(...points.map(([, y]) => y)).toFixed(2)}`);
  return lineFigure({
    title: 'Dice by threshold',
    alt: `Mean Dice over the threshold of a pixel, ${where}. Highest: ${best.join(', ')}`,
    file: `${file}-dice`,
    x: { title: 'threshold', domain: SHARE },
    y: { title: 'mean Dice', domain: SHARE },
    lines,
  });
}
