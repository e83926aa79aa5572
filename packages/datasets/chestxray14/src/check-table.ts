import { basename, dirname, join } from 'node:path';
import { firstLine, ProblemList, type DataProblem, type TableFile, type TableReport } from '@multichexnet/core';
import { readEntries } from './index-files.js';
import { readBoxes } from './read-boxes.js';
import { patientOfName, readList, reportLeaks, testList, trainList } from './read-lists.js';

/** Checks a data entry table, a box table (told by its header) or a split list (`.txt`; against the other list beside it). */
export async function checkTable(path: string): Promise<TableReport> {
  const problems = new ProblemList();
  const file: TableFile = { path, name: path };
  if (path.endsWith('.txt')) return checkList(file, problems);
  const { rows } = (await firstLine(path)).includes('Bbox [x')
    ? await readBoxes(file, problems)
    : await readEntries(file, problems);
  return { rows, problems: problems.toArray() };
}

async function checkList(file: TableFile, problems: ProblemList): Promise<TableReport> {
  const list = await readList(file, problems);
  if (list === undefined) return { rows: 0, problems: problems.toArray() };
  const isTest = basename(file.path) === testList;
  const other = join(dirname(file.path), isTest ? trainList : testList);
  const otherList = await readList({ path: other, name: other }, new ProblemList());
  if (otherList !== undefined) {
    const here = { name: file.name, list };
    const there = { name: other, list: otherList };
    reportLeaks(isTest ? there : here, isTest ? here : there, patientOfName, problems);
  }
  const mine = (problem: DataProblem): boolean => problem.file === file.name;
  return { rows: list.size, problems: problems.toArray().filter(mine) };
}
