import { dirname, basename } from 'node:path';
import { defineDataset, ProblemList } from '@multichexnet/core';
import { checkCsv, csvLayout, openCsv } from './open-csv.js';
import { folderLayout, openFolder } from './open-folder.js';
import { csvOptions, folderOptions } from './options.js';
import { readCoco } from './read-coco.js';

/** A user's own images with a table of their labels, patients and splits. */
export const csvDataset = defineDataset({
  kind: 'csv',
  apiVersion: 1,
  options: csvOptions,
  layout: csvLayout,
  open: openCsv,
  checkTable: checkCsv,
});

/** A user's own images in folders that are their classes, or with the boxes of a COCO file. */
export const folderDataset = defineDataset({
  kind: 'folder',
  apiVersion: 1,
  options: folderOptions,
  layout: folderLayout,
  open: openFolder,
  checkTable: async (file) => {
    const problems = new ProblemList();
    const { records } = await readCoco(dirname(file), basename(file), true, problems);
    return { rows: records.length, problems: problems.toArray() };
  },
});
