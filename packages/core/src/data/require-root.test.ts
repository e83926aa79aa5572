import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { requireRoot } from './require-root.js';

const root = mkdtempSync(join(tmpdir(), 'mcx-root-'));
afterAll(() => rmSync(root, { recursive: true }));
writeFileSync(join(root, 'new.csv'), '');
mkdirSync(join(root, 'images'));

test('takes the first name of each group that is there', async () => {
  expect(await requireRoot('x', root, [['old.csv', 'new.csv'], ['images']], [])).toEqual(['new.csv', 'images']);
});

test('names what is missing and what a root holds', async () => {
  const layout = ['table.csv: labels', 'images/: PNG files'];
  const missing = requireRoot('x', root, [['table.csv', 'labels.csv']], layout);
  await expect(missing).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING', place: { file: root } });
  await expect(missing).rejects.toThrow('has no table.csv or labels.csv; the root of x holds:\n  table.csv: labels\n');
  await expect(requireRoot('x', join(root, 'none'), [['a']], layout)).rejects.toThrow('does not exist');
});
