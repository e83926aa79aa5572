import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DUPLICATE_DISTANCE, findDuplicates, type HashedImage } from './find-duplicates.js';

const image = (id: number, hash: bigint, patient = `p${id}`): HashedImage => ({
  dataset: 'd',
  id: `i${id}`,
  file: `/i${id}.png`,
  patient,
  part: 'train',
  hash: hash.toString(16).padStart(64, '0'),
});
const bits = (a: string, b: string): number =>
  [...(BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2)].filter((bit) => bit === '1').length;

test('near hashes are one group, with who is in it and how far it reaches', () => {
  const far = (1n << 200n) - 1n;
  const groups = findDuplicates([
    image(0, 0n, 'p'),
    image(1, far),
    image(2, 7n, 'p'),
    image(3, far ^ 1n),
    image(4, 255n << 9n),
  ]);
  expect(groups.map((group) => [group.images.map(({ id }) => id), group.distance, group.samePatient])).toEqual([
    [['i0', 'i2', 'i4'], 8, false],
    [['i1', 'i3'], 1, false],
  ]);
  expect(findDuplicates([image(0, 0n, 'p'), image(1, 1n, 'p')])[0]?.samePatient).toBe(true);
  const held = { ...image(1, 1n, 'p'), part: 'test' } as const;
  expect(findDuplicates([image(0, 0n, 'p'), held])[0]?.acrossParts).toBe(true);
  expect(findDuplicates([image(0, 0n), image(1, 1n)])[0]?.acrossParts).toBe(false);
  expect(() => findDuplicates([], 16)).toThrow(RangeError);
});

test('the same groups as comparing every pair', () => {
  // Copies of a few random hashes with some bits turned: near, far and in between.
  const flips = fc.array(fc.nat(255), { maxLength: 14 });
  const hashes = fc.array(fc.tuple(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.array(flips, { maxLength: 4 })), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(hashes, (families) => {
      const values = families.flatMap(([base, copies]) => [
        base,
        ...copies.map((at) => at.reduce((hash, bit) => hash ^ (1n << BigInt(bit)), base)),
      ]);
      const images = values.map((hash, i) => image(i, hash));
      const parents = images.map((_, i) => i);
      for (const [i, a] of images.entries())
        for (const [j, b] of images.entries())
          if (bits(a.hash, b.hash) <= DUPLICATE_DISTANCE) {
            const [from, to] = [parents[i], parents[j]];
            for (const [k, parent] of parents.entries()) if (parent === from) parents[k] = to as number;
          }
      const groups = new Map<number, string[]>();
      for (const [i, parent] of parents.entries()) groups.set(parent, [...(groups.get(parent) ?? []), `i${i}`]);
      const expected = [...groups.values()].filter((group) => group.length > 1).map((group) => group.sort().join());
      const found = findDuplicates(images).map((group) =>
        group.images
          .map(({ id }) => id)
          .sort()
          .join(),
      );
      expect(found.sort()).toEqual(expected.sort());
    }),
  );
});
