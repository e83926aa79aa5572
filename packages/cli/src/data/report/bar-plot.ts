import { COLOURS, drawPlot } from '../../page/draw-plot.js';

export interface BarPlot {
  /** Said to who cannot see it. */
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly count: number; readonly part?: string }[];
  /** What is counted; default images. */
  readonly unit?: string;
  /** Parts in the order in which they are stacked. */
  readonly parts?: readonly string[];
}

const WIDTH = 330;
const LONGEST_NAME = 170;

/** Horizontal bars as an SVG of its own, drawn by Vega-Lite: names in the order of the rows, counts from 0. */
export async function drawBars({ title, rows, parts, unit = 'images' }: BarPlot): Promise<string> {
  const names = [...new Set(rows.map(({ name }) => name))];
  return drawPlot(title, {
    width: WIDTH,
    height: { step: 19 },
    data: { values: rows.map((row) => ({ part: '', ...row })) },
    mark: { type: 'bar', cornerRadiusEnd: 2 },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: names, title: null, axis: { labelLimit: LONGEST_NAME, ticks: false } },
      x: { field: 'count', type: 'quantitative', title: unit, axis: { tickMinStep: 1, tickCount: 5 } },
      ...(parts === undefined
        ? { color: { value: COLOURS[0] } }
        : {
            order: { field: 'order', type: 'quantitative' },
            color: {
              field: 'part',
              type: 'nominal',
              sort: [...parts],
              title: null,
              scale: { domain: [...parts], range: COLOURS.slice(0, parts.length) },
              legend: { orient: 'bottom', direction: 'horizontal' },
            },
          }),
    },
    ...(parts === undefined
      ? {}
      : { transform: [{ calculate: `indexof(${JSON.stringify(parts)}, datum.part)`, as: 'order' }] }),
  });
}
