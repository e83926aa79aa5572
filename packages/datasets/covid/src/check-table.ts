import { ProblemList, type TableReport } from '@multichexnet/core';
import { readMetadata } from './index-files.js';

/** Checks a metadata table of any of the three forms. */
export async function checkTable(file: string): Promise<TableReport> {
  const problems = new ProblemList();
  const { rows } = await readMetadata({ path: file, name: file }, problems);
  return { rows, problems: problems.toArray() };
}
