export { csvDataset, folderDataset } from './plugin.js';
export { folderModule } from './module.js';
export { csvOptions, folderOptions } from './options.js';
