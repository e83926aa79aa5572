import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { firstLine } from './first-line.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['\ufeffa,b\r\n1,2', 'a,b'],
  ['\n \n x \ny', 'x'],
  ['', ''],
])('%j begins with %j', async (text, line) => {
  const path = join(folder, 'file.txt');
  writeFileSync(path, text);
  expect(await firstLine(path)).toBe(line);
});

test('no file, no line', async () => {
  expect(await firstLine(join(folder, 'none'))).toBe('');
  expect(await firstLine(folder)).toBe('');
});
