import { expect, test } from 'vitest';
import { changedFields, isBelow } from './changed-fields.js';

test('equal data has no difference, whatever the order of its keys', () => {
  expect(changedFields({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toEqual([]);
});

test('every leaf that was changed, added or taken away is named', () => {
  const before = { seed: 1, phases: [{ name: 'gate', rate: 0.1, gone: true }], empty: {} };
  const after = { seed: 2, phases: [{ name: 'gate', rate: 0.2, freeze: ['cls'] }] };
  expect(changedFields(before, after)).toEqual(
    [
      { path: 'seed', before: 1, after: 2 },
      { path: 'phases.gate.rate', before: 0.1, after: 0.2 },
      { path: 'phases.gate.gone', before: true, after: undefined },
      { path: 'empty', before: {}, after: undefined },
      { path: 'phases.gate.freeze.0', before: undefined, after: 'cls' },
    ].filter(({ before: a, after: b }) => a !== b),
  );
});

test('a list that a member was put into shows that member alone', () => {
  const phase = (name: string): object => ({ name, steps: 3 });
  expect(changedFields([phase('a'), phase('c')], [phase('a'), phase('b'), phase('c')])).toEqual([
    { path: 'b.name', before: undefined, after: 'b' },
    { path: 'b.steps', before: undefined, after: 3 },
  ]);
});

test('a path lies below another one by whole words, `*` for any', () => {
  expect(isBelow('datasets.rsna.root', ['datasets.*.root'])).toBe(true);
  expect(isBelow('datasets.rsna.rootless', ['datasets.*.root'])).toBe(false);
  expect(isBelow('phases.gate.steps', ['phases'])).toBe(true);
  expect(isBelow('phases', ['phases.gate'])).toBe(false);
});
