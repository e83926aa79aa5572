import type { ProgressEvent } from '@multichexnet/core';
import type { Progress } from '../command.js';
import { formatDuration, truncate, wrap, type Style } from './style.js';

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** One line that is drawn over and over; else plain lines every few seconds. */
  readonly live: boolean;
  /** Warnings alone. */
  readonly quiet: boolean;
  readonly style: Style;
  /** Milliseconds. */
  readonly now?: () => number;
}

const REDRAW_MS = 80;
const PLAIN_EVERY_MS = 5000;
const BAR = 16;
const TITLE = 32;
const MIN_TITLE = 16;
/** Room for `121/300  eta 0:11  16 img/s  loss 0.21`. */
const BEHIND = 40;
const WIDE = TITLE + BAR + BEHIND + 4;

interface Stage {
  readonly index: number;
  readonly count: number;
  readonly work: string;
  readonly title: string;
}

interface Work {
  readonly started: number;
  readonly from: number;
}

/** Progress and warnings on stderr. */
export class ProgressLogger implements Progress {
  private readonly options: ProgressOptions;
  private readonly now: () => number;
  private readonly work = new Map<string, Work>();
  private current: Stage | undefined;
  /** What stays of the stage's line when the stage is over. */
  private kept = '';
  private drawn = false;
  private lastShown = -Infinity;

  constructor(options: ProgressOptions) {
    this.options = options;
    this.now = options.now ?? ((): number => performance.now());
  }

  info(message: string): void {
    if (!this.options.quiet) this.line(`  ${message}`);
  }

  /** In a terminal as wide as that; in a file one line, which tools can look for. */
  warn(message: string): void {
    const { live, style } = this.options;
    const text = live ? wrap(`warning ${message}`, style.width) : `warning ${message}`;
    this.line(text.replace('warning', style.yellow('warning')));
  }

  stage(stage: Stage): void {
    this.close();
    this.current = stage;
    this.lastShown = -Infinity;
  }

  progress(event: ProgressEvent): void {
    if (this.options.quiet) return;
    const { current } = this;
    const own = current !== undefined && isWork(event.name, current.work);
    const text = this.format(event, own);
    const over = event.done >= event.total;
    const now = this.now();
    const first = own && this.kept === '' && !over;
    if (own) this.kept = this.format(event, true, true);
    if (over) this.work.delete(event.name);
    if (!this.options.live) {
      // A stage's last line is written when it ends.
      // The first line of a stage's own work comes even right after one of a preparation.
      if (now - this.lastShown < PLAIN_EVERY_MS && !first && !(over && current === undefined)) return;
      this.lastShown = now;
      this.options.write(`${text}\n`);
      if (own && over) this.kept = '';
      return;
    }
    if (now - this.lastShown < REDRAW_MS && !over) return;
    this.lastShown = now;
    this.options.write(`\r\x1b[2K${text}`);
    this.drawn = true;
    if (over && current === undefined) {
      this.options.write('\n');
      this.drawn = false;
    }
  }

  close(): void {
    this.clear();
    if (this.kept !== '') this.options.write(`${this.kept}\n`);
    this.kept = '';
    this.current = undefined;
    this.work.clear();
  }

  private line(text: string): void {
    this.clear();
    this.options.write(`${text}\n`);
  }

  private clear(): void {
    if (this.drawn) this.options.write('\r\x1b[2K');
    this.drawn = false;
  }

  private format(event: ProgressEvent, own: boolean, final = false): string {
    const { style } = this.options;
    const { done, total, detail } = event;
    const start = this.work.get(event.name) ?? { started: this.now(), from: done };
    this.work.set(event.name, start);
    const { current } = this;
    const place = current === undefined ? '' : `${`${current.index}/${current.count}`.padStart(6)}  `;
    const fold = own ? event.name.slice(current?.work.length ?? 0) : '';
    const name = own ? `${current?.title ?? ''}${fold}` : event.name;
    const seconds = (this.now() - start.started) / 1000;
    const rate = seconds > 0 ? (done - start.from) / seconds : 0;
    const over = done >= total;
    const eta = over || final || rate <= 0 ? '' : `eta ${formatDuration((total - done) / rate)}`;
    const speed = detail ?? (rate > 0 ? `${formatRate(rate)}/s` : '');
    const count = `${done}/${total}`;
    const behind = [count, eta, speed].filter((part) => part !== '').join('  ');
    const lead = place === '' ? '  ' : place;
    const room = style.width - 1 - lead.length;
    const barWidth = room >= WIDE ? BAR : BAR / 2;
    const title = Math.min(TITLE, room - barWidth - BEHIND - 4);
    // Narrower than that, the bar goes first, then the rate.
    if (title >= MIN_TITLE) {
      const line = `${lead}${truncate(name, title, style).padEnd(title)}  ${bar(done, total, barWidth, style.ascii)}  ${behind}`;
      return truncate(line, style.width - 1, style);
    }
    const least = room >= MIN_TITLE + behind.length ? behind : [count, eta].filter((part) => part !== '').join('  ');
    return `${lead}${truncate(name, Math.max(8, room - least.length - 2), style)}  ${least}`;
  }
}

/** Training itself, or training of one fold; not the evaluations around it. */
function isWork(name: string, work: string): boolean {
  return name === work || (name.startsWith(`${work} fold `) && !name.includes(':'));
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function bar(done: number, total: number, width: number, ascii: boolean): string {
  const eighths = Math.floor(Math.min(1, total === 0 ? 1 : done / total) * width * 8);
  const full = Math.floor(eighths / 8);
  return ascii ? '#'.repeat(full).padEnd(width, '.') : `${'█'.repeat(full)}${EIGHTHS[eighths % 8] ?? ''}`.padEnd(width);
}

function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toFixed(1);
}
