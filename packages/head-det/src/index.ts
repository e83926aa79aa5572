export { det, det as default } from './plugin.js';
export { detModule } from './module.js';
export type { DetOptions } from './options.js';
export type { DetPrediction, ScoredBox } from './decode.js';
export { fitAnchors, meanBestIou } from './anchors.js';
export type { Anchor } from './anchors.js';
export { DetError } from './errors.js';
