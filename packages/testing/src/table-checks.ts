import { ProblemList, readTable, type DatasetPlugin } from '@multichexnet/core';
import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Check } from './checks.js';

/** Tables of which somebody has written down what is wrong. */
export interface JudgedTables {
  /** CSV with the columns `file` (relative to it), `expected` (ok, refuse, either) and `bad_lines` (numbers with spaces between, or blank). */
  readonly list: string;
  /** Files of the list that are this adapter's. */
  readonly match: RegExp;
  readonly count: number;
}

export interface TableChecksSetup {
  readonly plugin: DatasetPlugin;
  readonly root: () => Promise<string>;
  /** Tables relative to the root. */
  readonly tables: readonly string[];
  /** More right tables to mutate, by name: with quotes, several releases' cells, and whatever else is odd. */
  readonly examples: Readonly<Record<string, string>>;
  readonly judged?: JudgedTables;
}

/** Mutants a table, unless FUZZ_RUNS says otherwise. */
const RUNS = 200;
const LARGEST_SEED = 2000;

/** What tables break parsers: delimiters, quotes, line ends, paths, numbers that are none, names that every object has. */
const SPLINTERS = ['"', ',', '\n', '\r\n', '..', '/', '\0', '-1', 'nan', '1e999', '__proto__', 'constructor', '|', ' '];

/** Checks of `checkTable`: any mutant of a right table loads or is refused with coded problems; judged tables get their verdict. */
export function tableChecks({ plugin, root, tables, examples, judged }: TableChecksSetup): Check[] {
  const ofRoot = tables.map((table) => ({ table, text: async () => startOf(join(await root(), table)) }));
  const given = Object.entries(examples).map(([table, text]) => ({ table, text: () => Promise.resolve(text) }));
  return [
    ...[...ofRoot, ...given].map(({ table, text }): Check => ({
      name: `any mutant of ${basename(table)} loads or is refused with coded problems on its own lines`,
      run: async () => fuzzTable(plugin, basename(table), await text()),
    })),
    ...(judged === undefined ? [] : [judgedCheck(plugin, judged)]),
  ];
}

async function fuzzTable(plugin: DatasetPlugin, name: string, right: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'test-dataset-'));
  const file = join(folder, name);
  try {
    await writeFile(file, right);
    expect((await plugin.checkTable(file)).problems, 'the table itself is right').toEqual([]);
    await fc.assert(
      fc.asyncProperty(mutantsOf(right), async (text) => {
        await writeFile(file, text);
        const { rows, problems } = await plugin.checkTable(file);
        const lines = text.split(/\r\n|\r|\n/).length;
        if (!name.endsWith('.json')) expect(rows).toBeLessThanOrEqual(lines);
        for (const { code, line, message } of problems) {
          expect(code).toMatch(/^[A-Z]+_[A-Z_]+$/);
          expect(line ?? 1).toBeGreaterThanOrEqual(1);
          expect(line ?? 1).toBeLessThanOrEqual(lines);
          expect(message.length).toBeLessThan(1000);
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? RUNS) },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

function mutantsOf(text: string): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.nat({ max: text.length }),
    remove: fc.nat({ max: 12 }),
    insert: fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom(...SPLINTERS)),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce((mutant, { at, remove, insert }) => mutant.slice(0, at) + insert + mutant.slice(at + remove), text),
    );
}

/** The first lines of a table that may be long; a file of another kind as it is. */
async function startOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  if (text.length <= LARGEST_SEED || !file.endsWith('.csv')) return text;
  return text.slice(0, text.lastIndexOf('\n', LARGEST_SEED) + 1);
}

function judgedCheck(plugin: DatasetPlugin, { list, match, count }: JudgedTables): Check {
  return {
    name: 'judged tables load, or are refused with exactly the wrong lines',
    run: async (context) => {
      if (!existsSync(list)) {
        process.stdout.write('skipped: real data not found\n');
        context.skip();
      }
      const columns = { file: { name: 'file' }, expected: { name: 'expected' }, lines: { name: 'bad_lines' } };
      const cases: { file: string; expected: string; lines: string }[] = [];
      await readTable({ path: list, name: list }, columns, new ProblemList(), (row) => {
        if (match.test(row.file)) cases.push(row);
      });
      expect(cases.length).toBe(count);
      for (const { file, expected, lines } of cases) {
        const { problems } = await plugin.checkTable(join(dirname(list), file));
        if (expected === 'ok') expect([file, problems]).toEqual([file, []]);
        if (expected === 'refuse') expect([file, problems.length > 0]).toEqual([file, true]);
        if (lines !== '') expect([file, problems.map(({ line }) => line).join(' ')]).toEqual([file, lines]);
      }
    },
  };
}
