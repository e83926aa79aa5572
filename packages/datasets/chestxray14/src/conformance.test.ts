import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { chestXray14Dataset } from './index.js';

testDataset(chestXray14Dataset, {
  root: async () => {
    const out = join(await mkdtemp(join(tmpdir(), 'conformance-')), 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.chestxray14.root;
  },
  tables: ['Data_Entry_2017_v2020.csv', 'BBox_List_2017.csv'],
});
