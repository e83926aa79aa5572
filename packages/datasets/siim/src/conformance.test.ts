import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { siimDataset } from './index.js';

testDataset(siimDataset, {
  root: async () => {
    const out = join(await mkdtemp(join(tmpdir(), 'conformance-')), 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.siim.root;
  },
  tables: ['train-rle.csv'],
});
