// The engine
export { createEngine, type EngineOptions } from './create-engine.js';
export type { ClusterOptions } from './collective/server-def.js';
export type { Precision, SessionOptions } from './session-config.js';

// TensorFlow's library
export { findLibrary, type FindLibraryOptions, type LibraryLocation } from './library/find-library.js';
export { installLibrary, type InstallOptions, type InstallProgress } from './library/install-library.js';

// Memory
export { trimHeap } from './native/heap.js';

// Errors
export { EngineError, type EngineErrorCode } from './errors.js';
