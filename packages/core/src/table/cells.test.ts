import { expect, test } from 'vitest';
import { isPlainFileName, parseAge, parseCount, parseDecimal, parseSex, shown } from './cells.js';

test.each([
  ['0', 0],
  ['-5.5', -5.5],
  ['1e3', 1000],
  ['.5', 0.5],
  ['863.004444444444', 863.004444444444],
  ['', undefined],
  ['nan', undefined],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['1e999', undefined],
  ['0x10', undefined],
  ['1,5', undefined],
  ['12abc', undefined],
  ['1_000', undefined],
])('parseDecimal(%j) is %s', (text, value) => expect(parseDecimal(text)).toBe(value));

test.each([
  ['007', 7],
  ['3.0', 3],
  ['3.5', undefined],
  ['-1', undefined],
  ['99999999999999999999', undefined],
])('parseCount(%j) is %s', (text, value) => expect(parseCount(text)).toBe(value));

test.each([
  ['058Y', 58],
  ['58', 58],
  ['006M', 0.5],
  ['010D', 10 / 365.2425],
  ['', 'unknown'],
  ['414', 'unknown'],
  ['old', undefined],
  ['-3', undefined],
])('parseAge(%j) is %s', (text, value) => expect(parseAge(text)).toBe(value));

test.each([
  ['F', 'F'],
  ['male', 'M'],
  ['', 'unknown'],
  ['O', 'unknown'],
  ['constructor', undefined],
])('parseSex(%j) is %s', (text, value) => expect(parseSex(text)).toBe(value));

test('plain file names', () => {
  for (const name of ['00000002_000.png', 'a b.jpg', '..jpg', 'ä.png']) expect(isPlainFileName(name)).toBe(true);
  for (const name of ['', '.', '..', '../x', '/x', 'a/b', '..\\x', 'a\0.png', 'C:x', 'a\nb', 'x'.repeat(256)])
    expect(isPlainFileName(name)).toBe(false);
});

test('cells in messages are short and without control characters', () => {
  expect(shown('a"b\n\u001b[31m')).toBe('"a\\"b\\n\\u001b[31m"');
  expect(shown('x'.repeat(500)).length).toBeLessThanOrEqual(60);
});
