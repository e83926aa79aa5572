import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './workspace.ts';

const page = readFileSync(join(root, 'docs/datasets/defects.md'), 'utf8');
const rows = [...page.matchAll(/^\|[^|\n]+\|([^|\n]+)\| `([^`]+)` › (.+?) *\|$/gm)].map(
  ([, defect = '', file = '', title = '']) => ({ defect: defect.trim(), file, title }),
);

test('the page of defects is read whole', () => {
  expect(rows.length).toBe(page.split('\n').filter((line) => line.startsWith('|')).length - 2);
  expect(rows.length).toBeGreaterThan(15);
});

test.each(rows)('$defect: its test is there', ({ file, title }) => {
  expect(existsSync(join(root, file)), file).toBe(true);
  expect(readFileSync(join(root, file), 'utf8')).toContain(title);
});
