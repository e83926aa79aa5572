import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, hashBytes, hashValue } from './hash.js';

test('is SHA-256 of JSON with sorted keys', () => {
  const text = '{"a":[1,null,{"x":true,"y":"é"}],"b":null}';
  const value = { b: null, skip: undefined, a: [1, undefined, { y: 'é', x: true }] };
  expect(canonicalJson(value)).toBe(text);
  expect(hashValue(value)).toBe(createHash('sha256').update(text).digest('hex'));
  // FIPS 180-4, SHA-256("abc")
  expect(hashBytes(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('the order of keys does not matter, everything else does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
      expect(hashValue(a) === hashValue(b)).toBe(canonicalJson(a) === canonicalJson(b));
      expect(hashValue(reversed(a))).toBe(hashValue(a));
    }),
    { numRuns: 1000 },
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  );
}

test('undefined and keys that say nothing are equal; lists of other order are not', () => {
  expect(hashValue({ a: undefined })).toBe(hashValue({}));
  expect(hashValue(undefined)).toBe(hashValue(null));
  expect(hashValue([1, 2])).not.toBe(hashValue([2, 1]));
  expect(hashValue({ a: 1 })).not.toBe(hashValue({ a: '1' }));
});
