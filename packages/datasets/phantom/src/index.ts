// Writing data sets
export { writePhantom, type PhantomOptions, type PhantomReport } from './write-phantom.js';
export type { DatasetReport } from './write-tree.js';
export type { PhantomDataset } from './plan-cohort.js';

// Drawing one film
export { drawPhantom, type PhantomBox, type PhantomImage, type PhantomSpec } from './draw-phantom.js';
export { PHANTOM_FINDINGS, type ChestFinding, type PhantomFinding } from './findings.js';

// Errors
export { PhantomError, phantomErrorCodes, type PhantomErrorCode } from './errors.js';
