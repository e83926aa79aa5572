export { cls, cls as default } from './plugin.js';
export { clsModule } from './module.js';
export { CHESTXRAY14_CLASSES } from './options.js';
export type { ClsOptions } from './options.js';
export type { ClsLabel } from './label.js';
export type { ClsPrediction, Finding } from './decode.js';
