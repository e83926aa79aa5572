import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { covidDataset } from './index.js';

testDataset(covidDataset, {
  root: async () => {
    const out = join(await mkdtemp(join(tmpdir(), 'conformance-')), 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.covid.root;
  },
  tables: ['metadata.csv'],
});
