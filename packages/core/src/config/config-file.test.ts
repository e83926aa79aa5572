import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMultichexnetError, MultichexnetError } from '../errors.js';
import { parseConfigText, readConfigFile, withLine } from './config-file.js';
import { splitPath } from './config-path.js';
import { joinPath } from './validate.js';

function failure(text: string, file = '/c.yaml'): MultichexnetError {
  try {
    parseConfigText(text, file);
  } catch (error) {
    if (isMultichexnetError(error)) return error;
    throw error;
  }
  throw new Error('was accepted');
}

test('the line of a path is that of its key, its item, or the nearest part that is there', () => {
  const { lineOf, value } = parseConfigText('a:\n  b:\n    - x\n    - c: 1\n"d e": {f: 2}\n', '/c.yaml');
  expect(value).toEqual({ a: { b: ['x', { c: 1 }] }, 'd e': { f: 2 } });
  expect(['a', 'a.b', 'a.b[1]', 'a.b[1].c', 'a.b[1].nope', '["d e"].f', 'nope'].map(lineOf)).toEqual([
    1, 2, 4, 4, 4, 5, 1,
  ]);
});

test('a problem gets the line of its path in this file, and keeps the one it has', () => {
  const source = parseConfigText('{\n "a": {\n  "b": 1 } }', '/c.json');
  const at = (place: object): number | undefined => withLine(new MultichexnetError('X', 'm', place), source).place.line;
  expect(at({ path: 'a.b' })).toBe(3);
  expect(at({ path: 'a.b', file: '/c.json' })).toBe(3);
  expect(at({ path: 'a.b', file: '/other.json' })).toBeUndefined();
  expect(at({ path: 'a.b', line: 7 })).toBe(7);
  expect(at({})).toBeUndefined();
});

test.each([
  ['JSON with a comma too many', '{"a": 1,\n}', '/c.json', 'CONFIG_SYNTAX', 2],
  ['JSON that is cut', '{"a": 1,\n', '/c.json', 'CONFIG_SYNTAX', 2],
  ['JSON with a key twice', '{"a": 1,\n"a": 2}', '/c.json', 'CONFIG_DUPLICATE_KEY', 2],
  ['YAML with a key twice', 'a: 1\nb: 2\na: 3\n', '/c.yaml', 'CONFIG_DUPLICATE_KEY', 3],
  ['a tab where YAML wants spaces', 'a:\n\tb: 1\n', '/c.yaml', 'CONFIG_SYNTAX', 2],
  ['a tag', 'a: !!js/function "x"\n', '/c.yaml', 'CONFIG_SYNTAX', 1],
  ['two documents', 'a: 1\n---\nb: 1\n', '/c.yaml', 'CONFIG_SYNTAX', 2],
  ['a key that reaches a prototype', 'a:\n  __proto__: {x: 1}\n', '/c.yaml', 'CONFIG_FORBIDDEN_KEY', 2],
  ['the same in JSON', '{"a":\n{"__proto__": {"x": 1}}}', '/c.json', 'CONFIG_FORBIDDEN_KEY', 2],
  ['a list', '- a\n', '/c.yaml', 'CONFIG_NOT_AN_OBJECT', 1],
  ['nothing', '', '/c.yaml', 'CONFIG_NOT_AN_OBJECT', 1],
])('%s is refused where it stands', (_, text, file, code, line) => {
  const { code: got, place } = failure(text, file);
  expect({ code: got, ...place }).toMatchObject({ code, file, line });
});

test('a file cannot ask for more than its size: depth, aliases, bytes', () => {
  expect(failure('['.repeat(65) + ']'.repeat(65)).code).toBe('CONFIG_TOO_DEEP');
  // Composing these would fill the stack.
  expect(failure('['.repeat(100_000)).code).toBe('CONFIG_TOO_DEEP');
  expect(failure('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000), '/c.json').code).toBe('CONFIG_TOO_DEEP');
  expect(failure('- '.repeat(100_000)).code).toBe('CONFIG_TOO_DEEP');
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    bomb.push(`${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${new Array(10).fill(`*${'abcdefghi'[i - 1]}`).join(', ')}]`);
  expect(failure(bomb.join('\n')).code).toBe('CONFIG_SYNTAX');
  expect(failure(`a: "${'x'.repeat(2 ** 20)}"`).code).toBe('CONFIG_TOO_LARGE');
  expect(Object.prototype).not.toHaveProperty('x');
});

test('an anchor or two is fine', () => {
  expect(parseConfigText('a: &x {b: 1}\nc: *x\n', '/c.yaml').value).toEqual({ a: { b: 1 }, c: { b: 1 } });
});

test('a missing file, a folder and a byte order mark', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcx-config-'));
  await expect(readConfigFile(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  await expect(readConfigFile(folder)).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  const file = join(folder, 'c.json');
  await writeFile(file, '\uFEFF{"a": 1}');
  expect((await readConfigFile(file)).value).toEqual({ a: 1 });
});

test('any text is read or refused by a code', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constantFrom('/c.json', '/c.yaml'), (text, file) => {
      try {
        parseConfigText(text, file);
      } catch (error) {
        expect(isMultichexnetError(error)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

test('any JSON object reads back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
      const clean = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      if (/"(__proto__|constructor|prototype)":/.test(JSON.stringify(clean))) return;
      expect(parseConfigText(JSON.stringify(clean), '/c.json').value).toEqual(clean);
    }),
    { numRuns: 500 },
  );
});

test('a path that validation writes is one that can be split', () => {
  const path = joinPath('model', '/heads/2/a b/x-y');
  expect(splitPath(path)).toEqual(['model', 'heads', 2, 'a b', 'x-y']);
});
