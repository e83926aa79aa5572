import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePhantom } from '@multichexnet/dataset-phantom';
import { testDataset } from '@multichexnet/testing';
import { afterAll } from 'vitest';
import { covidDataset } from './index.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');

let folder = '';
afterAll(() => rm(folder, { recursive: true, force: true }));

testDataset(covidDataset, {
  root: async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const out = join(folder, 'phantom');
    return (await writePhantom({ out, images: 24, size: 48 })).datasets.covid.root;
  },
  tables: ['metadata.csv'],
  examples: {
    'odd metadata.csv': `patientid,offset,sex,age,finding,view,modality,location,folder,filename,url,clinical_notes,
5,,,,ARDS,PA,X-ray,,images,a.png,https://example.org/a,"severe, with ""tubes""",
7,7,F,29,"COVID-19, ARDS",L,X-ray,"Toronto, Canada",images,b.jpeg,,"two
lines",
8,0,M,061Y,Pneumonia/Viral/COVID-19,AP Supine,X-ray,,images,c.png,,,
9,,,,todo,Axial,CT,,volumes,d.nii.gz,,,
`,
  },
  judged: { list: join(data, 'edge/expected.csv'), match: /^csv\/(covid_|html_|zero_byte)/, count: 5 },
});
