import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { ProblemList } from './problem-list.js';
import { readTable, type TableRow } from './read-table.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = {
  id: { name: 'Id' },
  value: { name: 'Value', aliases: ['value'] },
  note: { name: 'Note', optional: true },
};

async function read(text: string | Uint8Array) {
  const path = join(folder, 'table.csv');
  writeFileSync(path, text);
  const problems = new ProblemList();
  const rows: TableRow<'id' | 'value' | 'note'>[] = [];
  const summary = await readTable({ path, name: 'table.csv' }, spec, problems, (row) => void rows.push(row));
  const list = problems.toArray();
  return { summary, rows, list, found: list.map(({ code, line }) => [code, line]) };
}

test('reads columns by name, by alias and in any order', async () => {
  const { rows, list, summary } = await read('value,Note,Id\n1,x,a\n2,,b\n');
  expect(list).toEqual([]);
  expect(summary).toEqual({ rows: 2, readable: true, complete: true });
  expect(rows).toEqual([
    { id: 'a', value: '1', note: 'x', line: 2 },
    { id: 'b', value: '2', note: '', line: 3 },
  ]);
});

test.each([
  ['BOM and CRLF', '\ufeffId,Value\r\na,1\r\nb,2\r\n'],
  ['old Mac line ends', 'Id,Value\ra,1\rb,2'],
  ['no final newline', 'Id,Value\na,1\nb,2'],
  ['spaces around cells', ' Id , Value\n a, 1 \n b ,2\n'],
  ['a space before a quote', 'Id, "Value"\n"a", "1"\nb, 2\n'],
  ['a space after a quote', '"Id" ,"Value" \n"a" ,"1" \nb,2\n'],
  ['mixed line ends', 'Id,Value\na,1\r\nb,2\n'],
])('%s', async (_, text) => {
  const { rows, list } = await read(text);
  expect(list).toEqual([]);
  expect(rows.map((row) => [row.id, row.value, row.line])).toEqual([
    ['a', '1', 2],
    ['b', '2', 3],
  ]);
});

test('counts lines through blank lines and line breaks in quoted cells', async () => {
  const { rows } = await read('Id,Value,Note\r\n\r\na,1,"two\r\nlines"\r\n   \r\nb,2,"x\ny"\r\nc,3,\r\n');
  expect(rows.map((row) => row.line)).toEqual([3, 6, 8]);
});

test('UTF-16 with a BOM', async () => {
  const { rows, list } = await read(Buffer.from('\ufeffId,Value\r\na,1\r\n', 'utf16le'));
  expect(list).toEqual([]);
  expect(rows).toEqual([{ id: 'a', value: '1', note: '', line: 2 }]);
});

test("NIH's headers: a comma in a name makes two columns, columns without a name may be missing", async () => {
  const { rows, list } = await read('Id,Size[Width,Height],Value,,,\na,10,20,1\nb,10,20,2,,,\n');
  expect(list).toEqual([]);
  expect(rows.map((row) => row.value)).toEqual(['1', '2']);
});

test('empty cells beyond the header are no problem, filled ones are', async () => {
  const { rows, found } = await read('Id,Value\na,1,\nb,2,,extra\nc\nd,4\n');
  expect(rows.map((row) => row.id)).toEqual(['a', 'd']);
  expect(found).toEqual([
    ['CSV_ROW', 3],
    ['CSV_ROW', 4],
  ]);
});

test('a missing column names the nearest', async () => {
  const { list, summary } = await read('Id,Valeu\na,1\n');
  expect(summary.readable).toBe(false);
  expect(list).toMatchObject([{ code: 'CSV_HEADER', line: 1 }]);
  expect(list[0]?.message).toContain('column "Value" is missing; did you mean "Valeu"?');
});

test('semicolons are named', async () => {
  const { list } = await read('Id;Value\na;1\n');
  expect(list[0]).toMatchObject({ code: 'CSV_HEADER', line: 1 });
  expect(list[0]?.message).toContain('separated by ";"');
});

test('a column that is there twice is refused', async () => {
  expect((await read('Id,Value,value\na,1,2\n')).found).toEqual([['CSV_HEADER', 1]]);
});

test('an empty file has no header', async () => {
  expect((await read('')).found).toEqual([['CSV_HEADER', 1]]);
  expect((await read('\n\n')).found).toEqual([['CSV_HEADER', 1]]);
});

test('a header without rows is a problem unless the table may be empty', async () => {
  expect((await read('Id,Value\n')).found).toEqual([['CSV_ROW', 1]]);
  const problems = new ProblemList();
  const file = { path: join(folder, 'table.csv'), name: 'table.csv', mayBeEmpty: true };
  expect(await readTable(file, spec, problems, () => {})).toEqual({ rows: 0, readable: true, complete: true });
  expect(problems.total).toBe(0);
});

test('a quote that never ends is placed where it begins', async () => {
  const { rows, found, summary } = await read('Id,Value\na,1\n\nb,"2\nc,3\nd,4\n');
  expect(rows.map((row) => row.id)).toEqual(['a']);
  expect(found).toEqual([['CSV_QUOTE', 4]]);
  expect(summary.complete).toBe(false);
});

test('a quote inside a cell', async () => {
  expect((await read('Id,Value\na,6" nail\n')).found).toEqual([['CSV_QUOTE', 2]]);
  expect((await read('Id,Value\na,"6"nail\n')).found).toEqual([['CSV_QUOTE', 2]]);
});

test('a record over 1 MiB stops the reading', async () => {
  const { rows, found } = await read(`Id,Value\na,1\nb,"${'x'.repeat(3 << 20)}`);
  expect(rows.length).toBe(1);
  expect(found).toEqual([['CSV_QUOTE', 3]]);
});

test('a file that is not there', async () => {
  const problems = new ProblemList();
  const summary = await readTable({ path: join(folder, 'none.csv'), name: 'none.csv' }, spec, problems, () => {});
  expect(summary.readable).toBe(false);
  expect(problems.toArray()).toMatchObject([{ code: 'DATA_MISSING_FILE', file: 'none.csv' }]);
  await readTable({ path: folder, name: 'folder' }, spec, problems, () => {});
  expect(problems.total).toBe(2);
});

test('an error of the caller is not taken for a bad table', async () => {
  const path = join(folder, 'caller.csv');
  writeFileSync(path, 'Id,Value\na,1\n');
  const broken = readTable({ path, name: 'caller.csv' }, spec, new ProblemList(), () => {
    throw new TypeError('mine');
  });
  await expect(broken).rejects.toThrow('mine');
});

test('never throws on content, and every row or its problem is accounted for', async () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\n', '\r\n', '""', ';', '\0', '__proto__', 'Id'));
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { maxLength: 40 }), fc.boolean(), async (cells, withHeader) => {
      const { summary, rows, list } = await read((withHeader ? 'Id,Value\n' : '') + cells.join(''));
      expect(rows.length).toBeLessThanOrEqual(summary.rows);
      if (rows.length < summary.rows || !summary.readable || !summary.complete) expect(list.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test('what is quoted comes back', async () => {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const cells = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string()), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(cells, async (table) => {
      const text = ['Id,Value', ...table.map((row) => row.map((cell) => quoted(`.${cell}.`)).join(','))].join('\r\n');
      const { rows, list } = await read(text);
      expect(list).toEqual([]);
      expect(rows.map((row) => [row.id, row.value])).toEqual(table.map(([id, value]) => [`.${id}.`, `.${value}.`]));
      let line = 2;
      for (const [index, row] of rows.entries()) {
        expect(row.line).toBe(line);
        line += 1 + ((table[index] ?? []).join('|').match(/\r\n|\r|\n/g)?.length ?? 0);
      }
    }),
    { numRuns: 300 },
  );
});

test('112,120 rows, as many as ChestX-ray14 has, stream through', async () => {
  const path = join(folder, 'large.csv');
  const line = (i: number) =>
    `${String(i).padStart(8, '0')}_000.png,Cardiomegaly|Effusion,0,${i},058Y,M,PA,2500,2048,0.168,0.168\n`;
  const header = 'Id,Value,Follow-up #,Patient ID,Patient Age,Patient Gender,View,Size[Width,Height],Spacing[x,y]\n';
  writeFileSync(path, header + Array.from({ length: 112_120 }, (_, i) => line(i)).join(''));
  const problems = new ProblemList();
  let last = 0;
  const { rows } = await readTable({ path, name: 'large.csv' }, spec, problems, (row) => void (last = row.line));
  expect([rows, last, problems.total]).toEqual([112_120, 112_121, 0]);
});
