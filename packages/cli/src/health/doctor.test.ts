import { expect, test } from 'vitest';
import { checkNode } from '../commands/doctor.js';
import { createStyle } from '../output/style.js';
import { checksDocument, formatChecks } from './check.js';

test.each([
  ['20.18.0', false],
  ['20.20.2', true],
  ['21.7.0', false],
  ['22.12.0', false],
  ['22.13.0', true],
  ['23.1.0', false],
  ['24.0.0', true],
  ['25.0.0', true],
])('node %s: %s', (version, ok) => {
  expect(checkNode(version).ok).toBe(ok);
});

test('a remedy stands where there is something to mend', () => {
  const checks = [
    { name: 'a', ok: true, detail: 'fine', remedy: 'nothing' },
    { name: 'b', ok: false, detail: 'broken', remedy: 'mend it' },
  ];
  expect(checksDocument(checks)).toEqual({
    ok: false,
    checks: [
      { name: 'a', ok: true, detail: 'fine' },
      { name: 'b', ok: false, detail: 'broken', remedy: 'mend it' },
    ],
  });
  expect(formatChecks(checks, createStyle({}, {}))).toBe(
    ['ok    a  fine', 'FAIL  b  broken', '         do: mend it'].join('\n'),
  );
});
