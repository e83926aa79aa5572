import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { afterAll } from 'vitest';
import { siimDataset } from './index.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');

let folder = '';
afterAll(() => rm(folder, { recursive: true, force: true }));

testDataset(siimDataset, {
  root: async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const out = join(folder, 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.siim.root;
  },
  tables: ['train-rle.csv'],
  examples: {
    'odd train-rle.csv': `ImageId, EncodedPixels
1.2.276.0.7230010.3.1, -1
1.2.276.0.7230010.3.2, 1000 10 1014 10
1.2.276.0.7230010.3.2, 5000 3 1021 5
ID_0011fe81e,-1
`,
  },
  judged: { list: join(data, 'edge/expected.csv'), match: /^csv\/(siim_|html_|zero_byte)/, count: 4 },
});
