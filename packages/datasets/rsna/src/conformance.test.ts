import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { afterAll } from 'vitest';
import { rsnaDataset } from './index.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');

let folder = '';
afterAll(() => rm(folder, { recursive: true, force: true }));

testDataset(rsnaDataset, {
  root: async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const out = join(folder, 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.rsna.root;
  },
  tables: ['stage_2_train_labels.csv', 'stage_2_detailed_class_info.csv'],
  examples: {
    'odd stage_2_train_labels.csv': `patientId,x,y,width,height,Target
0004cfab-14fd,,,,,0
00436515-870c,264.0,152.0,213.0,379.0,1
00436515-870c,562.0,152.0,256.0,453.0,1
00704310-78a8,695.0,575.0,162.0,137.0,1
`,
  },
  judged: { list: join(data, 'edge/expected.csv'), match: /^csv\/(rsna_|html_|zero_byte)/, count: 4 },
});
