import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { rsnaDataset } from './index.js';

testDataset(rsnaDataset, {
  root: async () => {
    const out = join(await mkdtemp(join(tmpdir(), 'conformance-')), 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.rsna.root;
  },
  tables: ['stage_2_train_labels.csv', 'stage_2_detailed_class_info.csv'],
});
