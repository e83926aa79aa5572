import { defineDataset } from '@multichexnet/core';
import { checkTable } from './check-table.js';
import { layout, openRoot } from './open-root.js';
import { chestXray14Options } from './options.js';

/** NIH ChestX-ray14: 14 findings per image, each known. */
export const chestXray14Dataset = defineDataset({
  kind: 'chestxray14',
  apiVersion: 1,
  options: chestXray14Options,
  layout,
  open: (root, _options, context) => openRoot(root, context),
  checkTable,
});
