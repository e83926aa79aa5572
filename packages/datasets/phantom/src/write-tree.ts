// What the four writers share: text files, a few images at a time, and what they tell the caller.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PhantomDataset } from './plan-cohort.js';

/** A row of patient_map.csv. */
export interface MapRow {
  readonly dataset: PhantomDataset;
  readonly image: string;
  /** Person number. */
  readonly person: number;
}

export interface WriteContext {
  /** Folder of this data set; it exists and is empty. */
  readonly root: string;
  readonly size: number;
  readonly seed: number;
  /** Called after each image. */
  readonly onImage: () => void;
}

export interface DatasetReport {
  /** Image files. */
  readonly images: number;
  readonly patients: number;
  /** Images per finding; `No Finding` where there is none. */
  readonly findings: Readonly<Record<string, number>>;
  /** Rows that carry a box. */
  readonly boxes: number;
  /** Rows that carry a mask. */
  readonly masks: number;
}

/** Lines joined by newlines, with one at the end. */
export async function writeLines(root: string, name: string, lines: readonly string[]): Promise<void> {
  await writeBytes(root, name, lines.map((line) => `${line}\n`).join(''));
}

export async function writeBytes(root: string, name: string, data: string | Uint8Array): Promise<void> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
}

/** Runs `work` over `items` with a few in flight, so that drawing here and encoding in the thread pool overlap; results keep their order. */
export async function mapAhead<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  inFlight = 6,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, items.length) }, lane));
  return results;
}

/** Images per finding, in the order of first use. */
export function countFindings(films: readonly { readonly findings: readonly string[] }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { findings } of films) {
    for (const finding of findings.length === 0 ? ['No Finding'] : findings)
      counts[finding] = (counts[finding] ?? 0) + 1;
  }
  return counts;
}

export function countPersons(films: readonly { readonly person: { readonly number: number } }[]): number {
  return new Set(films.map((film) => film.person.number)).size;
}
