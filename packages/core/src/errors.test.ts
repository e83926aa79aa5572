import { expect, test } from 'vitest';
import { isMultichexnetError, MultichexnetError, ProblemsError } from './errors.js';

test('an error carries its code, its place and its cause', () => {
  const cause = new Error('disk');
  const error = new MultichexnetError('RUN_CORRUPT', 'not JSON', { file: 'a.json', line: 3, path: 'a.b' }, { cause });
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code, error.message, error.cause]).toEqual([
    'MultichexnetError',
    'RUN_CORRUPT',
    'not JSON',
    cause,
  ]);
  expect(error.place).toEqual({ file: 'a.json', line: 3, path: 'a.b' });
  expect(new MultichexnetError('X', 'y').place).toEqual({});
});

test('several problems are one error with the code and the place of the first', () => {
  const problems = [
    new MultichexnetError('A', 'first', { path: 'a' }),
    new MultichexnetError('B', 'second', { path: 'b' }),
  ];
  const error = new ProblemsError(problems);
  expect([error.name, error.code, error.message, error.place, error.problems]).toEqual([
    'ProblemsError',
    'A',
    'first\nsecond',
    { path: 'a' },
    problems,
  ]);
  expect(new ProblemsError([])).toMatchObject({ code: 'PROBLEMS', place: {}, message: '' });
});

test('is recognised by its brand, so that an error of another copy of core is one too', () => {
  expect(isMultichexnetError(new MultichexnetError('A', 'b'))).toBe(true);
  expect(isMultichexnetError(new ProblemsError([]))).toBe(true);
  const foreign = Object.assign(new Error('x'), { [Symbol.for('@multichexnet/core/error')]: true });
  expect(isMultichexnetError(foreign)).toBe(true);
  for (const other of [new Error('x'), { code: 'A' }, null, undefined, 'A'])
    expect(isMultichexnetError(other)).toBe(false);
});
