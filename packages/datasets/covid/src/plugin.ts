import { defineDataset } from '@multichexnet/core';
import { checkTable } from './check-table.js';
import { layout, openRoot } from './open-root.js';
import { covidOptions } from './options.js';

/** COVID-19 image data collection: COVID-19 or not, and other findings where stated. */
export const covidDataset = defineDataset({
  kind: 'covid',
  apiVersion: 1,
  options: covidOptions,
  layout,
  open: (root, { views }, context) => openRoot(root, views, context),
  checkTable,
});
