/** How text may look on one stream. */
export interface Style {
  /** Columns; 80 where there is no terminal. */
  readonly width: number;
  /** No characters beyond ASCII: the locale says that there are none. */
  readonly ascii: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const MIN_WIDTH = 30;
const DEFAULT_WIDTH = 80;

/** Colours only on a terminal, and never where `NO_COLOR` or `TERM=dumb` is set. */
export function createStyle(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
): Style {
  const plain = stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const locale =
    [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '') ?? '';
  const paint =
    (open: number, close: number) =>
    (text: string): string =>
      plain || text === '' ? text : `\x1b[${open}m${text}\x1b[${close}m`;
  return {
    width: Math.max(MIN_WIDTH, stream.columns ?? DEFAULT_WIDTH),
    ascii: /^(C|POSIX)$/.test(locale),
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
  };
}

/** Columns that a text takes, escape sequences left out. */
export function visibleLength(text: string): number {
  return text.replace(/\x1b\[[\d;]*m/g, '').length;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleLength(text)));
}

export function truncate(text: string, width: number, { ascii }: Pick<Style, 'ascii'> = { ascii: false }): string {
  return text.length <= width ? text : text.slice(0, Math.max(0, width - 1)) + (ascii ? '~' : '…');
}

/** Breaks text at spaces so that no line is wider than `width`; a longer word stays whole. Line breaks of the text stay, `indent` goes before every line. */
export function wrap(text: string, width: number, indent = ''): string {
  return text
    .split('\n')
    .flatMap((paragraph) => wrapLine(paragraph, width - indent.length))
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n');
}

function wrapLine(paragraph: string, width: number): string[] {
  const own = /^ */.exec(paragraph)?.[0] ?? '';
  const lines: string[] = [];
  let line = own;
  for (const word of paragraph.trim().split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = own + word;
    } else line = line.trim() === '' ? own + word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** `0:09`, `12:05`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Rows as columns that are as wide as their widest cell, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visibleLength(cell));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : padEnd(cell, widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
