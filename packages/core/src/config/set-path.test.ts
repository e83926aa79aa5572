import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setPath } from './set-path.js';

function set(target: Record<string, unknown>, ...assignments: string[]): Record<string, unknown> {
  for (const assignment of assignments) setPath(target, assignment);
  return target;
}
const invalid = expect.objectContaining({ code: 'CLI_SET_INVALID' }) as unknown;

test('makes objects and lists on the way and keeps what is there', () => {
  expect(set({ train: { steps: 1, kept: true } }, 'train.steps=10', 'phases.det.schedule.turns[1].ratio=2')).toEqual({
    train: { steps: 10, kept: true },

    phases: { det: { schedule: { turns: [, { ratio: 2 }] } } },
  });
  expect(set({}, 'a[0]=1', 'a[1]=2', 'a.1=3')).toEqual({ a: [1, 3] });
});

test.each([
  ['10', 10],
  ['1e-4', 1e-4],
  ['true', true],
  ['null', null],
  ['"10"', '10'],
  ['[1, 2]', [1, 2]],
  ['{"kind":"densenet","depth":121}', { kind: 'densenet', depth: 121 }],
  ['float32', 'float32'],
  ['a=b', 'a=b'],
  ['', ''],
  ['[1, 2', '[1, 2'],
])('reads the value %j as JSON where it is JSON, else as text', (text, value) => {
  expect(set({}, `x=${text}`)).toEqual({ x: value });
});

test.each(['', 'a', '=1', '.=1', '[]=1'])('%j is no assignment', (assignment) => {
  expect(() => set({}, assignment)).toThrow(invalid);
});

test('does not write into what is no object', () => {
  expect(() => set({ steps: 5 }, 'steps.of=1')).toThrow('"steps" is 5, not an object');
  expect(() => set({ a: { b: null } }, 'a.b.c=1')).toThrow('"a.b" is null, not an object');
  expect(() => set({ a: 'text' }, 'a[0]=1')).toThrow(invalid);
});

test('never reaches a prototype, whatever the path', () => {
  const names = fc.constantFrom('a', '0', '__proto__', 'constructor', 'prototype', 'toString');
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 4 }), fc.constantFrom('.', '['), (keys, style) => {
      const path =
        style === '.'
          ? keys.join('.')
          : `${keys[0]}${keys
              .slice(1)
              .map((key) => `[${key}]`)
              .join('')}`;
      const target: Record<string, unknown> = {};
      const forbidden = keys.some((key) => ['__proto__', 'constructor', 'prototype'].includes(key));
      if (forbidden) expect(() => setPath(target, `${path}=1`)).toThrow(invalid);
      else setPath(target, `${path}=1`);
      expect(Object.keys(target)).toEqual(forbidden ? [] : [keys[0]]);
      expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
      expect(({} as Record<string, unknown>)['a']).toBeUndefined();
      expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
      expect(typeof Object.prototype.toString).toBe('function');
    }),
    { numRuns: 1000 },
  );
});
