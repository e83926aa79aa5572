import { expect, test } from 'vitest';
import { classCurves, frocFigure, type CurvePlace, type SeedRecords } from './curve-figures.js';

/** Four images of two classes; `flip` changes which of them is scored highest. */
function records(seed: number, flip: boolean, classes = 2): SeedRecords {
  const findings = [0.9, 0.2, 0.7, 0.1].map((score, i) => ({
    scores: new Array<number>(classes).fill(flip ? 1 - score : score),
    labels: new Array<number>(classes).fill(i % 2 === 0 ? 1 : 0),
  }));
  const boxes = [{ truth: [0, 0, 9, 9], predicted: [0, 0, 9, flip ? 2 : 9], scores: [0.9] }];
  return { seed, records: (name) => ({ findings, boxes })[name] ?? [] };
}

function place(...seeds: [SeedRecords, ...SeedRecords[]]): CurvePlace {
  return { seeds, where: 'here', file: 'f' };
}

const data = (html: string): string => decodeURIComponent(/utf-8,([^"]*)"/.exec(html)?.[1] ?? '');
const caption = (html: string): string => /<figcaption>([^<]*)/.exec(html)?.[1] ?? '';
/** Thin lines of a plot. */
const thinLines = (html: string): number => html.match(/stroke-width="0\.7"/g)?.length ?? 0;

test('other seeds are thin lines of the same colours, named in the caption and the data, and not in the legend', async () => {
  const [roc = ''] = await classCurves(place(records(1, false), records(7, true), records(9, false)), ['A', 'B'], []);
  expect(caption(roc)).toBe('ROC, seed 1; seeds 7, 9 thin');
  expect(thinLines(roc)).toBe(4);
  const names = new Set(data(roc).trim().split('\n').slice(1).map((line) => line.replace(/,[^,]*,[^,]*$/, ''))); // prettier-ignore
  expect([...names]).toEqual(['A', 'B', '"A, seed 7"', '"B, seed 7"', '"A, seed 9"', '"B, seed 9"']);
  expect(roc.match(/>A</g)).toHaveLength(1);
  expect(roc).not.toContain('>A, seed 7<');
  const [again = ''] = await classCurves(place(records(1, false), records(7, true), records(9, false)), ['A', 'B'], []);
  const unnumbered = (html: string): string => html.replaceAll(/clip\d+/g, 'clip'); // counted over a process
  expect(unnumbered(again)).toBe(unnumbered(roc));
  const [froc = ''] = await frocFigure(place(records(1, false), records(7, true)));
  expect([caption(froc), thinLines(froc)]).toEqual(['FROC (a hit has IoU 0.5), seed 1; seed 7 thin', 1]);
});

test('of more lines than can be told apart the first seed’s alone, and the caption says so; one seed needs no word', async () => {
  const classes = Array.from({ length: 9 }, (_, c) => `c${c}`);
  const [many = ''] = await classCurves(place(records(1, false, 9), records(2, true, 9)), classes, []);
  expect([caption(many), thinLines(many)]).toEqual(['ROC, seed 1 of 2', 0]);
  const [one = ''] = await classCurves(place(records(0, false)), ['A', 'B'], []);
  expect([caption(one), thinLines(one)]).toEqual(['ROC', 0]);
});
