import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenedDataset } from '../data/open-datasets.js';
import { assertSameData } from './assert-same-data.js';
import { RunStore } from './run-store.js';

let store: RunStore;
beforeAll(async () => {
  store = new RunStore(await mkdtemp(join(tmpdir(), 'mcx-same-data-')));
});
afterAll(() => rm(store.folder, { recursive: true }));

const dataset = (content: string, images = 5): [string, OpenedDataset] => [
  'rsna',
  {
    name: 'rsna',
    content,
    fingerprint: `${content}+parts`,
    samples: [],
    notes: [],
    index: {
      kind: 'rsna',
      root: '/data/rsna',
      vocabulary: [],
      counts: { images, patients: 1, labels: {}, boxes: 0, masks: 0 },
      skipped: {},
      problems: [],
    },
  },
];

test('a run that begins, and one with the data that it began with', async () => {
  await assertSameData(store, new Map([dataset('a')]), []);
  await store.writeJson({ data: { rsna: { content: 'a', counts: { images: 7 } }, old: {} } }, 'run.json');
  await assertSameData(store, new Map([dataset('a')]), []);
});

test('other data stop it, unless they are let through', async () => {
  const changed = new Map([dataset('b')]);
  await expect(assertSameData(store, changed, ['datasets.siim', 'splits'])).rejects.toMatchObject({
    problems: [
      {
        code: 'DATA_CHANGED',
        message: expect.stringContaining('7 images then, 5 now') as string,
        place: { file: '/data/rsna', path: 'datasets.rsna' },
      },
    ],
  });
  for (const allowed of ['datasets', 'datasets.rsna', 'datasets.rsna.headers'])
    await assertSameData(store, changed, [allowed]);
});
