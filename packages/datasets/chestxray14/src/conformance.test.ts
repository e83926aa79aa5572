import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { afterAll } from 'vitest';
import { chestXray14Dataset } from './index.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');

let folder = '';
afterAll(() => rm(folder, { recursive: true, force: true }));

testDataset(chestXray14Dataset, {
  root: async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const out = join(folder, 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.chestxray14.root;
  },
  tables: ['Data_Entry_2017_v2020.csv', 'BBox_List_2017.csv'],
  examples: {
    'odd Data_Entry_2017.csv': `Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]
00000002_000.png,No Finding,0,2,80,M,PA,2500,2048,0.171,0.171
00000003_001.png,Hernia,0,3,74,F,PA,2500,2048,0.168,0.168
00000003_003.png,Hernia|Infiltration,2,3,076Y,F,AP,2698,2991,0.143,0.143
`,
  },
  judged: { list: join(data, 'edge/expected.csv'), match: /^(csv\/(nih_|html_|zero_byte)|split\/)/, count: 17 },
});
