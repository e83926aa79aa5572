export { rsnaDataset } from './plugin.js';
export { rsnaDataset as default } from './plugin.js';
export { rsnaModule } from './module.js';
export { rsnaOptions } from './options.js';
