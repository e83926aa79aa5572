import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCache } from './cache-options.js';

test.each([
  ['50 GB', 50e9],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['0 B', 0],
  ['800 MB', 8e8],
])('%s are %d bytes', async (limit, bytes) => {
  const folder = await mkdtemp(join(tmpdir(), 'cache-'));
  expect(openCache({ folder, limit }, 'train.cache')).toEqual({ folder, bytes });
  await rm(folder, { recursive: true });
});

test('no size, and no folder, are errors with a place', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cache-'));
  for (const limit of ['50', 'GB', '-1 GB', '5 gb', ''])
    expect(() => openCache({ folder, limit }, 'train.cache')).toThrow(
      expect.objectContaining({ code: 'CONFIG_BYTE_SIZE', place: { path: 'train.cache' } }),
    );
  const file = join(folder, 'file');
  await writeFile(file, '');
  expect(() => openCache(join(file, 'below'), 'cache')).toThrow(expect.objectContaining({ code: 'CACHE_FOLDER' }));
  await rm(folder, { recursive: true });
});
