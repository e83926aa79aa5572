import { escapeText } from './escape-text.js';
import { drawLines, type LinePlot } from './line-plot.js';

/** A file that comes with the page itself. */
export function download(file: string, type: string, text: string, words: string): string {
  return `<a class="download" download="${escapeText(file)}" href="data:${type};charset=utf-8,${encodeURIComponent(text)}">${escapeText(words)}</a>`;
}

/** `a,b` lines under a heading; cells with a comma, a quote or a line break are quoted (RFC 4180). */
export function csv(head: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const cell = (value: string | number | undefined): string => {
    const text = typeof value === 'number' ? numberText(value) : (value ?? '');
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

/** Counts and steps as they are, others to six digits. */
function numberText(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

export interface LineFigure extends LinePlot {
  readonly title: string;
  /** Name of the downloaded points, without `.csv`. */
  readonly file: string;
}

/** A plot under its title, with its points to download. */
export async function lineFigure({ title, file, ...plot }: LineFigure): Promise<string> {
  const rows = plot.lines.flatMap(({ name, points }) => points.map(([x, y]) => [name, x, y]));
  const data = download(`${file}.csv`, 'text/csv', csv(['line', plot.x.title, plot.y.title], rows), 'data (CSV)');
  return `<figure><figcaption>${escapeText(title)}</figcaption>${await drawLines(plot)}<p>${data}</p></figure>`;
}
