export { covidDataset } from './plugin.js';
export { covidDataset as default } from './plugin.js';
export { covidModule } from './module.js';
export { covidOptions } from './options.js';
