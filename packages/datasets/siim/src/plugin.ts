import { defineDataset } from '@multichexnet/core';
import { checkTable } from './check-table.js';
import { layout, openRoot } from './open-root.js';
import { siimOptions } from './options.js';

/** SIIM-ACR Pneumothorax Segmentation: pneumothorax per image, and its mask. */
export const siimDataset = defineDataset({
  kind: 'siim',
  apiVersion: 1,
  options: siimOptions,
  layout,
  open: (root, _options, context) => openRoot(root, context),
  checkTable,
});
