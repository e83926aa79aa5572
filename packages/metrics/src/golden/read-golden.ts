import { readFileSync } from 'node:fs';

/** Reads a golden file made by tools/golden/metrics.py; its null is an undefined number. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as T;
}
