import { checkUserConfig, PluginRegistryToken, silentLogger, type UserConfig } from '@multichexnet/core';
import { encodePngGrey } from '@multichexnet/imaging';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContainer } from '../create-container.js';
import { findLeaks } from './find-leaks.js';
import { openRoots } from './open-roots.js';

const registry = createContainer({ logger: silentLogger }).get(PluginRegistryToken);
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mcx-own-'));
  for (const [i, folder] of ['films/train/normal', 'films/test/Pneumonia'].entries()) {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, `p1_${i}.png`), await encodePngGrey(new Uint8Array(64).fill(i), 8, 8));
  }
  await writeFile(join(root, 'films.csv'), 'image,patient\nfilms/train/normal/p1_0.png,p1\n');
});
afterAll(() => rm(root, { recursive: true }));

test('a config takes own data as it takes published data', async () => {
  const config: UserConfig = {
    datasets: {
      table: { kind: 'csv', root, table: 'films.csv', fraction: 0.5 },
      classes: { kind: 'folder', root, images: 'films', patient: '([^/_]+)_[^/]*$' },
    },
    model: { encoder: { kind: 'densenet', depth: 'small', size: 64 }, heads: { cls: { kind: 'cls' } } },
    train: {
      schedule: {
        kind: 'alternating',
        turns: [
          { dataset: 'table', heads: ['cls'] },
          { dataset: 'classes', heads: ['cls'] },
        ],
      },
      steps: 1,
    },
  };
  expect((await checkUserConfig(config, { registry })).problems).toEqual([]);
  const wrong = { ...config, datasets: { ...config.datasets, table: { kind: 'csv', root: join(root, 'absent') } } };
  const { problems } = await checkUserConfig(wrong, { registry });
  expect(problems.map(({ code, place }) => [code, place.path])).toEqual([['DATA_ROOT_MISSING', 'datasets.table.root']]);
});

test('options of the command line reach the adapters; a leak of own data is found', async () => {
  const set = ['folder.images=films', 'folder.patient=([^/_]+)_[^/]*$', 'csv.table=films.csv'];
  const folders = new Map([
    ['folder', root],
    ['csv', root],
  ]);
  const { roots } = await openRoots({ folders, set, patientMap: undefined }, registry);
  expect(roots.map(({ index }) => index.samples.length)).toEqual([2, 1]);
  expect(roots[0]?.unmapped).toBeUndefined();
  const map = join(root, 'map.csv');
  await writeFile(map, 'dataset,image,patient\nfolder,train/normal/p1_0.png,somebody\n');
  const mapped = await openRoots({ folders, set, patientMap: map }, registry);
  expect(mapped.roots.map(({ unmapped }) => unmapped)).toEqual([1, 1]);
  const { leaks } = findLeaks([roots[0]!.index], 'official', 1);
  expect(leaks.map(({ patient }) => patient)).toEqual(['folder:p1']);
  await expect(openRoots({ folders, set: ['folder.imgs=x'], patientMap: undefined }, registry)).rejects.toMatchObject({
    code: 'CONFIG_UNKNOWN_KEY',
  });
  await expect(openRoots({ folders, set: ['cvs.table=x'], patientMap: undefined }, registry)).rejects.toThrow(
    'did you mean "csv"',
  );
});
