export { densenet, densenet as default } from './plugin.js';
export { densenetModule } from './module.js';
export type { DenseNetOptions } from './options.js';
export { importWeights, loadWeights } from './weights.js';
export type { ImportReport } from './weights.js';
export { EncoderError } from './errors.js';
