// Conformance tests
export { testHead } from './test-head.js';
export type { HeadTestOptions } from './test-head.js';
export type { Skip } from './checks.js';

// Models for a plugin's own tests
export { buildEncoder, buildHead, namedVariables } from './build-model.js';
export type { BuiltEncoder, BuiltHead, LevelShape } from './build-model.js';
export { TestingError } from './errors.js';
