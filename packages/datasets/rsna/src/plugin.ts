import { defineDataset } from '@multichexnet/core';
import { checkTable } from './check-table.js';
import { layout, openRoot } from './open-root.js';
import { rsnaOptions } from './options.js';

/** RSNA Pneumonia Detection Challenge (stage 2): lung opacity per image, and its boxes. */
export const rsnaDataset = defineDataset({
  kind: 'rsna',
  apiVersion: 1,
  options: rsnaOptions,
  layout,
  open: (root, { headers }, context) => openRoot(root, headers, context),
  checkTable,
});
