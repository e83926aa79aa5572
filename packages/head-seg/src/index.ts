export { seg, seg as default } from './plugin.js';
export { segModule } from './module.js';
export type { SegOptions } from './options.js';
export type { SegPrediction } from './decode.js';
export { SegError } from './errors.js';
