export { siimDataset } from './plugin.js';
export { siimDataset as default } from './plugin.js';
export { siimModule } from './module.js';
export { siimOptions } from './options.js';
