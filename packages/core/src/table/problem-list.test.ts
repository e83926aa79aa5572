import { expect, test } from 'vitest';
import { ProblemList, problemLine } from './problem-list.js';

test('orders by file, then by line, and says the place once', () => {
  const problems = new ProblemList();
  problems.add('B', 'one.csv', 9, 'later');
  problems.add('A', 'two.csv', undefined, 'whole file');
  problems.add('A', 'one.csv', 3, 'earlier');
  expect(problems.toArray()).toEqual([
    { code: 'A', file: 'one.csv', line: 3, message: 'earlier' },
    { code: 'B', file: 'one.csv', line: 9, message: 'later' },
    { code: 'A', file: 'two.csv', message: 'whole file' },
  ]);
  expect(problems.toArray().map(problemLine)).toEqual([
    'A one.csv:3: earlier',
    'B one.csv:9: later',
    'A two.csv: whole file',
  ]);
});

test('a million problems keep the first thousand and count the rest', () => {
  const problems = new ProblemList();
  for (let line = 2; line < 1_000_002; line++) problems.add('CSV_ROW', 'bad.csv', line, 'bad');
  const list = problems.toArray();
  expect(problems.total).toBe(1_000_000);
  expect(list.length).toBe(1001);
  expect(list.at(-1)?.message).toBe('999000 more problems of this kind are not listed');
});
