import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { covidDataset } from './plugin.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const table = `patientid,offset,sex,age,finding,view,modality,location,folder,filename,url,clinical_notes,
5,,,,ARDS,PA,X-ray,,images,a.png,https://example.org/a,"severe, with ""tubes""",
7,7,F,29,"COVID-19, ARDS",L,X-ray,"Toronto, Canada",images,b.jpeg,,"two
lines",
8,0,M,061Y,Pneumonia/Viral/COVID-19,AP Supine,X-ray,,images,c.png,,,
9,,,,todo,Axial,CT,,volumes,d.nii.gz,,,
`;

const splices = fc.array(
  fc.record({
    at: fc.nat({ max: table.length }),
    remove: fc.nat({ max: 12 }),
    insert: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom(
        '"',
        ',',
        '\n',
        '\r\n',
        '..',
        '/',
        '\0',
        '-1',
        'nan',
        '1e999',
        '__proto__',
        'constructor',
        '|',
        ' ',
      ),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);
const mutants = splices.map((edits) =>
  edits.reduce((text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove), table),
);

test('the table itself is right', async () => {
  const file = join(folder, 'right.csv');
  writeFileSync(file, table);
  expect((await covidDataset.checkTable(file)).problems).toEqual([]);
});

test('any mutant loads or is refused with coded problems on its own lines', async () => {
  const file = join(folder, 'mutant.csv');
  await fc.assert(
    fc.asyncProperty(mutants, async (text) => {
      writeFileSync(file, text);
      const { rows, problems } = await covidDataset.checkTable(file);
      const lines = text.split(/\r\n|\r|\n/).length;
      expect(rows).toBeLessThan(lines);
      for (const { code, line, message } of problems) {
        expect(code).toMatch(/^[A-Z]+_[A-Z_]+$/);
        expect(line ?? 1).toBeGreaterThanOrEqual(1);
        expect(line ?? 1).toBeLessThanOrEqual(lines);
        expect(message.length).toBeLessThan(1000);
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
  );
});
