import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { rsnaDataset } from './plugin.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const table = `patientId,x,y,width,height,Target
0004cfab-14fd,,,,,0
00436515-870c,264.0,152.0,213.0,379.0,1
00436515-870c,562.0,152.0,256.0,453.0,1
00704310-78a8,695.0,575.0,162.0,137.0,1
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
  expect((await rsnaDataset.checkTable(file)).problems).toEqual([]);
});

test('any mutant loads or is refused with coded problems on its own lines', async () => {
  const file = join(folder, 'mutant.csv');
  await fc.assert(
    fc.asyncProperty(mutants, async (text) => {
      writeFileSync(file, text);
      const { rows, problems } = await rsnaDataset.checkTable(file);
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
