// Conformance tests
export { testHead } from './test-head.js';
export type { HeadTestOptions } from './test-head.js';
export { testEncoder } from './test-encoder.js';
export type { EncoderTestOptions } from './test-encoder.js';
export { testDataset } from './test-dataset.js';
export type { DatasetTestOptions } from './test-dataset.js';
export type { JudgedTables } from './table-checks.js';
export type { Skip } from './checks.js';

// Engine and models for a plugin's own tests
export { needEngine, testEngine } from './test-engine.js';
export { buildEncoder, buildHead, namedVariables } from './build-model.js';
export type { BuiltEncoder, BuiltHead, LevelShape } from './build-model.js';
export { TestingError } from './errors.js';
