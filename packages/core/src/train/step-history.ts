import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../store/atomic-write.js';
import { writeTo } from '../store/disk-full.js';
import { SKIPPED } from './step-numbers.js';

/** The numbers of one step: `total`, `<head>@<dataset>`, and others with a slash in their name (`gradient/norm`). */
export interface HistoryEntry {
  readonly step: number;
  readonly [name: string]: number;
}

/** A phase's metrics.jsonl: one line a step; lines after a checkpoint that training went back to are dropped. */
export class StepHistory {
  private readonly file: string;
  private known: HistoryEntry[] = [];
  private written = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** What was seen so far, in order, what an earlier process saw included. */
  get entries(): readonly HistoryEntry[] {
    return this.known;
  }

  /** What is no number, and that a step was not skipped, is left out. */
  add(step: number, values: Readonly<Record<string, number>>): void {
    const told = Object.entries(values).filter(
      ([name, value]) => Number.isFinite(value) && !(name === SKIPPED && value === 0),
    );
    this.known.push({ step, ...Object.fromEntries(told) });
  }

  async flush(): Promise<void> {
    const lines = this.known.slice(this.written).map(lineOf);
    this.written = this.known.length;
    if (lines.length > 0) await writeTo(this.file, () => appendFile(this.file, lines.join('')));
  }

  /** Goes back to the state before a step. @param write false = the file is another process's */
  async cutAt(step: number, write = true): Promise<void> {
    this.known = (await readHistory(this.file)).filter((entry) => entry.step < step);
    this.written = this.known.length;
    if (write) await writeFileAtomic(this.file, this.known.map(lineOf).join(''));
  }
}

const lineOf = (entry: HistoryEntry): string => `${JSON.stringify(entry)}\n`;

/** Whether a number is the loss of a head on a dataset. */
export function isHeadLoss(name: string): boolean {
  return name.includes('@') && !name.includes('/');
}

/** The lines of a metrics.jsonl; a torn last line is left out. */
export async function readHistory(file: string): Promise<HistoryEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as HistoryEntry];
    } catch {
      return [];
    }
  });
}
