import { COLOURS, drawPlot } from './draw-plot.js';

export type Point = readonly [x: number, y: number];

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  /** Name of the line that this is another run of: it has its colour, is thin, and is not in the legend. */
  readonly of?: string;
}

export interface LinePlot {
  /** Said to who cannot see it. */
  readonly alt: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  /** Draws y = x, as what chance or a perfect calibration gives. */
  readonly diagonal?: boolean;
  /** Marks every point. */
  readonly marked?: boolean;
}

export interface Axis {
  readonly title: string;
  /** By default what the points need. */
  readonly domain?: readonly [number, number];
}

/** Pixels; without a legend three stand beside a table of metrics. */
const SIDE = 236;
/** Beyond the colours, lines are told apart by their dashes. */
const DASHES = [[], [6, 3], [2, 2]] as const;

/** Lines in the order given, under a legend where there are several; other runs of a line beneath it. */
export function drawLines({ alt, x, y, lines, diagonal = false, marked = false }: LinePlot): Promise<string> {
  const [own, again] = [lines.filter(({ of }) => of === undefined), lines.filter(({ of }) => of !== undefined)];
  const names = own.map(({ name }) => name);
  const valuesOf = (some: readonly Line[]): object[] =>
    some.flatMap(({ name, of = name, points }) =>
      points.map(([px, py], order) => ({ name: of, line: name, x: px, y: py, order })),
    );
  const style = (i: number): { colour: string; dash: readonly number[] } => ({
    colour: COLOURS[i % COLOURS.length] as string,
    dash: DASHES[Math.floor(i / COLOURS.length) % DASHES.length] as readonly number[],
  });
  const legend =
    own.length < 2
      ? null
      : { orient: 'bottom', direction: 'horizontal', columns: 2, title: null, symbolType: 'stroke', labelLimit: 150 };
  const axis = (channel: Axis): object => ({
    type: 'quantitative',
    title: channel.title,
    axis: { tickCount: 5 },
    scale: { ...(channel.domain === undefined ? {} : { domain: channel.domain }), nice: false, zero: false },
  });
  const encoding = {
    x: { field: 'x', ...axis(x) },
    y: { field: 'y', ...axis(y) },
    order: { field: 'order', type: 'quantitative' },
    color: {
      field: 'name',
      type: 'nominal',
      legend,
      scale: { domain: names, range: names.map((_, i) => style(i).colour) },
    },
    strokeDash: {
      field: 'name',
      type: 'nominal',
      legend,
      scale: { domain: names, range: names.map((_, i) => style(i).dash) },
    },
  };
  return drawPlot(alt, {
    width: SIDE,
    height: SIDE * 0.82,
    layer: [
      ...(diagonal
        ? [
            {
              data: { values: [{ x: 0, y: 0 }, { x: 1, y: 1 }] }, // prettier-ignore
              mark: { type: 'line', color: 'currentColor', opacity: 0.5, strokeDash: [3, 3], strokeWidth: 1 },
              encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
            },
          ]
        : []),
      ...(again.length === 0
        ? []
        : [
            {
              data: { values: valuesOf(again) },
              mark: { type: 'line', strokeWidth: 0.7, opacity: 0.6, clip: true },
              encoding: { ...encoding, detail: { field: 'line', type: 'nominal' } },
            },
          ]),
      {
        data: { values: valuesOf(own) },
        mark: { type: 'line', strokeWidth: 1.6, clip: true, ...(marked ? { point: { size: 22 } } : {}) },
        encoding,
      },
    ],
  });
}

/** Points of a path without those that are nearer than a `share`-th of the ranges to the last one kept; the ends stay. */
export function thin(points: readonly Point[], share = 250): Point[] {
  if (points.length < 3) return [...points];
  const [dx, dy] = [rangeOf(points.map(([x]) => x)) / share, rangeOf(points.map(([, y]) => y)) / share];
  const kept: Point[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const near = last !== undefined && Math.abs(point[0] - last[0]) < dx && Math.abs(point[1] - last[1]) < dy;
    if (!near || i === points.length - 1) kept.push(point);
  });
  return kept;
}

function rangeOf(values: readonly number[]): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}
