import { firstLine, ProblemList, type TableReport } from '@multichexnet/core';
import { checkBounds, publishedSize, readClasses, readLabels } from './index-files.js';

/** Checks the label table, or the class table when the header has a column `class`. */
export async function checkTable(file: string): Promise<TableReport> {
  const problems = new ProblemList();
  const table = { path: file, name: file };
  const header = (await firstLine(file)).split(',').map((name) => name.replaceAll('"', '').trim());
  if (header.includes('class')) {
    const { rows } = await readClasses(table, problems);
    return { rows, problems: problems.toArray() };
  }
  const { rows, images } = await readLabels(table, problems);
  for (const image of images.values()) checkBounds(image, publishedSize, publishedSize, file, problems);
  return { rows, problems: problems.toArray() };
}
