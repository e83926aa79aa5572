import type { Split } from '@multichexnet/core';

/** One image with its perceptual hash. */
export interface HashedImage {
  readonly dataset: string;
  readonly id: string;
  readonly file: string;
  readonly patient: string;
  /** Where training would put it, all datasets split together by default. */
  readonly part: Split;
  /** 256 bits in hexadecimal digits. */
  readonly hash: string;
}

/** Images that look the same. */
export interface DuplicateGroup {
  readonly images: readonly Omit<HashedImage, 'hash'>[];
  /** Bits of 256 in which the least alike linked pair of the group differs. */
  readonly distance: number;
  /** False: one picture under several patients, of whom a patient map may know that they are one. */
  readonly samePatient: boolean;
  /** True: one picture in training and in validation or test, which no list of patients prevents. */
  readonly acrossParts: boolean;
}

/**
 * Bits of 256 that may differ. Of the 262 films of the development data that stand both in ChestX-ray14 (PNG, 256 x 256) and in RSNA (JPEG in DICOM,
 * 1024 x 1024) none differs in more than 6; no two different ones of its 1,058 in fewer than 16.
 */
export const DUPLICATE_DISTANCE = 8;

const BANDS = 16;
const BAND_DIGITS = 4;

/**
 * Groups images whose hashes differ in at most `limit` bits. Two hashes that differ in fewer bits than there are bands are equal in one band at least, so that
 * only images that share a band are compared (multi-index hashing, Norouzi et al. 2012).
 */
export function findDuplicates(images: readonly HashedImage[], limit = DUPLICATE_DISTANCE): DuplicateGroup[] {
  if (limit >= BANDS) throw new RangeError(`a limit of ${limit} bits; below ${BANDS} is exact`);
  const hashes = images.map(({ hash }) => wordsOf(hash));
  const parents = images.map((_, i) => i);
  const rootOf = (i: number): number => {
    let at = i;
    while (parents[at] !== at) at = parents[at] = parents[parents[at] as number] as number;
    return at;
  };
  const widest = new Map<number, number>();
  for (let band = 0; band < BANDS; band++) {
    const buckets = new Map<string, number[]>();
    for (const [i, { hash }] of images.entries()) {
      const key = hash.slice(band * BAND_DIGITS, (band + 1) * BAND_DIGITS);
      const bucket = buckets.get(key) ?? [];
      buckets.set(key, bucket);
      for (const j of bucket) {
        const [a, b] = [rootOf(i), rootOf(j)];
        if (a === b) continue;
        const bits = distance(hashes[i] as Uint32Array, hashes[j] as Uint32Array);
        if (bits > limit) continue;
        parents[Math.max(a, b)] = Math.min(a, b);
        widest.set(Math.min(a, b), Math.max(bits, widest.get(a) ?? 0, widest.get(b) ?? 0));
      }
      bucket.push(i);
    }
  }
  const groups = new Map<number, number[]>();
  for (const i of images.keys()) groups.set(rootOf(i), [...(groups.get(rootOf(i)) ?? []), i]);
  return [...groups].flatMap(([root, members]) => {
    if (members.length === 1) return [];
    const group = members.map((i) => images[i] as HashedImage);
    return [
      {
        images: group.map(({ dataset, id, file, patient, part }) => ({ dataset, id, file, patient, part })),
        distance: widest.get(root) ?? 0,
        samePatient: new Set(group.map(({ patient }) => patient)).size === 1,
        acrossParts: new Set(group.map(({ part }) => part === 'train')).size === 2,
      },
    ];
  });
}

function wordsOf(hash: string): Uint32Array {
  return Uint32Array.from({ length: hash.length / 8 }, (_, i) => parseInt(hash.slice(i * 8, i * 8 + 8), 16));
}

function distance(a: Uint32Array, b: Uint32Array): number {
  let bits = 0;
  for (let i = 0; i < a.length; i++) bits += popcount((a[i] as number) ^ (b[i] as number));
  return bits;
}

/** Warren, Hacker's Delight, 5-1. */
function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}
