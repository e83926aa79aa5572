import { ProblemList, type TableReport } from '@multichexnet/core';
import { checkRuns, publishedSize, readRuns } from './index-files.js';

/** Checks a table of runs against the published size, 1024 x 1024. */
export async function checkTable(file: string): Promise<TableReport> {
  const problems = new ProblemList();
  const { rows, images } = await readRuns({ path: file, name: file }, problems);
  for (const image of images.values()) checkRuns(image, publishedSize, publishedSize, file, problems);
  return { rows, problems: problems.toArray() };
}
