import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { covidOptions } from './options.js';
import { covidDataset } from './plugin.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcx-covid-'));
  mkdirSync(join(root, 'images'));
});
afterEach(() => rmSync(root, { recursive: true }));

const header = 'patientid,offset,sex,age,finding,view,modality,location,folder,filename,url,clinical_notes,';

interface Row {
  readonly file: string;
  readonly patient?: string;
  readonly finding?: string;
  readonly view?: string;
  readonly modality?: string;
  readonly folder?: string;
  readonly who?: string;
  readonly from?: string;
}

function table(...rows: Row[]): void {
  const lines = rows.map(
    ({
      file,
      patient = '1',
      finding = 'COVID-19',
      view = 'PA',
      modality = 'X-ray',
      folder = 'images',
      who = 'F,50',
      from = ',',
    }) => {
      const [location = '', url = ''] = from.split(',');
      return `${patient},0,${who},"${finding}",${view},${modality},${location},${folder},${file},${url},"a note, with commas",`;
    },
  );
  writeFileSync(join(root, 'metadata.csv'), [header, ...lines, ''].join('\n'));
  for (const { file, folder = 'images' } of rows)
    if (/^\w+\.\w+$/.test(file) && folder === 'images' && !file.startsWith('absent'))
      writeFileSync(join(root, folder, file), '');
}

const frontal = [...covidOptions.properties.views.default];
const open = (views: string[] = frontal) => covidDataset.open(root, { views }, {});
const problemsOf = (index: Awaited<ReturnType<typeof open>>) =>
  index.problems.map(({ code, line }) => `${line} ${code}`);

test('what is stated is known, COVID-19 always is', async () => {
  table(
    { file: 'a.png', finding: 'COVID-19, ARDS', from: 'Hospital in Hanoi,https://www.example.org/x' },
    {
      file: 'b.jpg',
      finding: 'Pneumonia/Bacterial/Streptococcus',
      from: ',https://www.example.org/x',
      view: 'AP Supine',
    },
    { file: 'c.jpeg', finding: 'No Finding', patient: '2', who: ',', from: ',no url' },
    { file: 'd.png', finding: 'SARS' },
    { file: 'e.png', finding: 'Mycoplasma Bacterial Pneumonia' },
  );
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.counts).toEqual({
    images: 5,
    patients: 2,
    labels: {
      'COVID-19, ARDS': 1,
      'Mycoplasma Bacterial Pneumonia': 1,
      'No Finding': 1,
      'Pneumonia/Bacterial/Streptococcus': 1,
      SARS: 1,
    },
    views: { 'AP Supine': 1, PA: 4 },
    boxes: 0,
    masks: 0,
  });
  expect(index.samples.map((sample) => sample.labels.findings)).toEqual([
    { 'COVID-19': true, ARDS: true },
    { 'COVID-19': false, Pneumonia: true, Bacterial: true, Streptococcus: true },
    { 'COVID-19': false, Pneumonia: false },
    { 'COVID-19': false, SARS: true },
    { 'COVID-19': false, Mycoplasma: true, Bacterial: true, Pneumonia: true },
  ]);
  expect(index.samples.slice(0, 3).map(({ source }) => source)).toEqual([
    'Hospital in Hanoi',
    'example.org',
    undefined,
  ]);
  expect(index.samples[0]).toMatchObject({
    image: join(root, 'images/a.png'),
    patient: { key: 'covid:1', sex: 'F', ageYears: 50 },
    view: 'PA',
  });
  expect(index.samples[2]?.patient).toEqual({ key: 'covid:2' });
  for (const sample of index.samples)
    for (const name of Object.keys(sample.labels.findings)) expect(index.vocabulary).toContain(name);
});

test('what the layout leaves out is skipped by reason', async () => {
  const rows: Row[] = [
    { file: 'absent.nii.gz', modality: 'CT', folder: 'volumes' },
    { file: 'slice.png', modality: 'CT', view: 'Axial' },
    { file: 'absent.png', modality: 'CT', view: 'Axial' },
    { file: 'side.png', view: 'L' },
    { file: 'nobody.png', view: '?' },
    { file: 'cor.png', view: 'Coronal' },
    { file: 'todo.png', finding: 'todo' },
    { file: 'blank.png', finding: '' },
    { file: 'right.png', view: 'ap supine' },
  ];
  table(...rows);
  writeFileSync(join(root, 'images', 'extra.png'), '');
  writeFileSync(join(root, 'images', 'notes.txt'), '');
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.samples.map(({ id }) => id)).toEqual(['right.png']);
  expect(index.skipped).toEqual({
    'absent-gz': 1,
    ct: 2,
    'lateral-view': 1,
    'view-unknown': 1,
    'other-view': 1,
    'finding-unknown': 2,
    'not-in-table': 1,
  });
  expect(index.counts.images).toBe(7);
  expect((await open(['L'])).samples.map(({ id }) => id)).toEqual(['side.png']);
});

test('what is wrong has its line and leaves the image out', async () => {
  table(
    { file: 'a.png', finding: 'COVID-91' },
    { file: 'b.png', finding: '__proto__' },
    { file: 'c.png', finding: 'Pneumonia/constructor' },
    { file: 'd.png', finding: 'No Finding, COVID-19' },
    { file: 'e.png', patient: '' },
    { file: 'f.png' },
    { file: 'f.png' },
    { file: 'g.png' },
    { file: 'g.png', finding: 'SARS' },
    { file: '../secret.png' },
    { file: 'h.png', folder: '..' },
    { file: 'absent.png' },
    { file: 'i.png', who: 'X,old' },
  );
  const index = await open();
  expect(problemsOf(index)).toEqual([
    '2 LABEL_UNKNOWN',
    '3 LABEL_UNKNOWN',
    '4 LABEL_UNKNOWN',
    '5 LABEL_CONTRADICTION',
    '6 CSV_ROW',
    '8 ID_DUPLICATE',
    '10 LABEL_CONTRADICTION',
    '11 DATA_PATH',
    '12 DATA_PATH',
    '13 DATA_MISSING_FILE',
    '14 CSV_ROW',
    '14 CSV_ROW',
  ]);
  expect(index.problems[0]?.message).toContain('did you mean "COVID-19"?');
  expect(index.samples.map(({ id }) => id)).toEqual(['f.png', 'i.png']);
});

test('the April 2020 header has no folder', async () => {
  writeFileSync(
    join(root, 'metadata.csv'),
    'Patientid,offset,sex,age,finding,survival,view,modality,date,location,filename,doi, url,license,clinical notes,other notes,\n' +
      '5,,,,ARDS,,PA,X-ray,2017,,a.png,,https://example.org/a,,"a, b",,\n',
  );
  writeFileSync(join(root, 'images', 'a.png'), '');
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.samples).toMatchObject([{ id: 'a.png', source: 'example.org', image: join(root, 'images/a.png') }]);
});

test('another folder is not a root', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING' });
});
