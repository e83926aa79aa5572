export { chestXray14Dataset } from './plugin.js';
export { chestXray14Dataset as default } from './plugin.js';
export { chestXray14Module } from './module.js';
export { chestXray14Options } from './options.js';
export { readLocalisations } from './localise.js';
