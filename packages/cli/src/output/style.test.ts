import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columns, createStyle, formatDuration, padEnd, truncate, visibleLength, wrap } from './style.js';

test('colours on a terminal alone, and not where they are unwanted', () => {
  const red = (stream: object, env: NodeJS.ProcessEnv): string => createStyle(stream, env).red('x');
  expect(red({ isTTY: true }, {})).toBe('\x1b[31mx\x1b[39m');
  expect(red({}, {})).toBe('x');
  expect(red({ isTTY: true }, { NO_COLOR: '1' })).toBe('x');
  expect(red({ isTTY: true }, { NO_COLOR: '' })).toBe('\x1b[31mx\x1b[39m');
  expect(red({ isTTY: true }, { TERM: 'dumb' })).toBe('x');
  expect(createStyle({}, {}).width).toBe(80);
  expect(createStyle({ columns: 5 }, {}).width).toBe(30);
});

test('wrapping keeps every word in order, and no line is too wide but by one word', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 10, max: 60 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width, '  ').split('\n');
        expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words);
        for (const line of lines) expect(line.length <= width || !line.trim().includes(' ')).toBe(true);
      },
    ),
  );
  expect(wrap('a\n  indented words here', 12)).toBe('a\n  indented\n  words here');
});

test('columns, durations, widths', () => {
  expect(
    columns([
      ['a', 'b'],
      ['ccc', ''],
    ]),
  ).toEqual(['a    b', 'ccc']);
  expect([9, 65, 3723, -1].map(formatDuration)).toEqual(['0:09', '1:05', '1:02:03', '0:00']);
  expect(visibleLength('\x1b[31mabc\x1b[39m')).toBe(3);
  expect(padEnd('\x1b[31ma\x1b[39m', 3)).toBe('\x1b[31ma\x1b[39m  ');
  expect([truncate('abcdef', 4), truncate('abc', 4)]).toEqual(['abc…', 'abc']);
});
