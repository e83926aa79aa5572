import { wrap, type Style } from '../output/style.js';
import type { FilePrediction } from './predict-files.js';

const MAX_FINDINGS = 5;
const MAX_BOXES = 5;

/** One file for people: the likeliest findings, the best boxes, the mask's size and what the gates decided. */
export function formatPrediction(prediction: FilePrediction, style: Style): string {
  const {
    file,
    error,
    width,
    height,
    findings = [],
    boxes = [],
    mask,
    predictions = {},
    gates = [],
    cams = [],
    warnings = [],
  } = prediction;
  if (error !== undefined)
    return `${file}\n  ${style.red('error')} ${style.bold(error.code)}\n${wrap(error.message, style.width, '    ')}`;
  const likely = [...findings].sort((a, b) => b.probability - a.probability).slice(0, MAX_FINDINGS);
  const known = new Set(['findings', 'boxes', 'mask', 'area']);
  const others = Object.entries(predictions).filter(
    ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).some((key) => !known.has(key)),
  );
  return [
    `${style.bold(file)}  ${width} x ${height}`,
    ...warnings.map((warning) => wrap(`warning ${warning}`, style.width, '  ')),
    ...(likely.length === 0
      ? []
      : [
          wrap(
            `findings  ${likely.map(({ name, probability }) => `${name} ${probability.toFixed(2)}`).join(', ')}`,
            style.width,
            '  ',
          ),
        ]),
    ...boxes
      .slice(0, MAX_BOXES)
      .map(
        ({ x, y, width: w, height: h, score }) =>
          `  box       ${score.toFixed(2)}  x ${x.toFixed(0)} y ${y.toFixed(0)} width ${w.toFixed(0)} height ${h.toFixed(0)}`,
      ),
    ...(mask === undefined
      ? []
      : [`  mask      ${mask.rle === '-1' ? 'empty' : 'drawn'}${mask.png === undefined ? '' : `, ${mask.png}`}`]),
    ...cams.map(({ finding, png }) => `  looked at ${finding}, ${png}`),
    ...others.map(([head, value]) => wrap(`${head}  ${JSON.stringify(value)}`, style.width, '  ')),
    ...gates.map(
      ({ head, score, threshold, untuned, passed }) =>
        `  gate      ${head}: ${score.toFixed(2)} ${passed ? '>=' : '<'} ${threshold.toFixed(2)}${untuned === undefined ? '' : ' (default, not tuned)'}, ${passed ? 'passed' : 'held back'}`,
    ),
  ].join('\n');
}
