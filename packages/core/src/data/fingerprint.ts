import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../store/hash.js';
import { mapLimit } from './map-limit.js';
import type { Labels, Sample, SplitSample } from './sample.js';

const OPEN_FILES = 32;
/** Whole files whose bytes count, drawn by the hash of their id. */
const WHOLE_FILES = 64;

/**
 * SHA-256 over what a dataset is: for every sample its id, patient, labels and size of its file in bytes, and the bytes of {@link WHOLE_FILES} files. Times of
 * files don't count, so that a copied dataset is the same one; reading every byte of 112,120 images would take longer than many a training. What that leaves
 * open: a few files that were replaced by others of exactly their sizes.
 */
export async function hashContent(kind: string, samples: readonly Sample[]): Promise<string> {
  const content = createHash('sha256').update(`${kind}\n`);
  const sizes = await mapLimit(samples, OPEN_FILES, ({ image }) => sizeOf(image));
  const labelsText = cached((labels: Labels) => canonicalJson(labels));
  for (const [i, { id, patient, labels }] of samples.entries())
    content.update(`${JSON.stringify([id, patient.key, sizes[i]])}${labelsText(labels)}\n`);
  for (const bytes of await mapLimit(drawn(samples), OPEN_FILES, ({ image }) => hashFile(image)))
    content.update(`${bytes}\n`);
  return content.digest('hex');
}

/** {@link hashContent} with the samples that are used and the part of each: a phase with another one is another phase. */
export function hashParts(content: string, samples: readonly SplitSample[]): string {
  const parts = createHash('sha256').update(`${content}\n`);
  for (const { id, split } of samples) parts.update(`${split} ${id}\n`);
  return parts.digest('hex');
}

function drawn(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length <= WHOLE_FILES) return samples;
  let least: { readonly sample: Sample; readonly key: string }[] = [];
  for (const sample of samples) {
    const key = hash('sha256', sample.id);
    if (least.length === WHOLE_FILES && key >= least.at(-1)!.key) continue;
    least = [...least, { sample, key }].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, WHOLE_FILES);
  }
  return least.map(({ sample }) => sample);
}

/** -1 for a file that is gone since the index was made: whoever reads it says so. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => -1,
  );
}

/** Of a regular file alone: a link to a device may never end. */
async function hashFile(file: string): Promise<string> {
  const bytes = createHash('sha256');
  try {
    if (!(await stat(file)).isFile()) return 'gone';
    await pipeline(createReadStream(file), bytes);
  } catch {
    return 'gone';
  }
  return bytes.digest('hex');
}

/** Adapters share one labels object among images that are labelled alike. */
function cached<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = compute(key)));
    return value;
  };
}
