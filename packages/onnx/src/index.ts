// Networks as ONNX models
export { anyBatch, fixedBatch } from './convert/symbolic.js';
export type { Dim, SymbolicFunction, SymbolicValue } from './convert/symbolic.js';
export { convertedOps, convertFunction, type ModelNames } from './convert/convert.js';
export { encodeModel } from './model/encode-model.js';
export type { OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './model/onnx-model.js';

export { IMAGE, networkModel, outputNames, type NetworkRequest } from './network/network-model.js';

// ONNX Runtime
export { INSTALL_RUNTIME, loadOnnxRuntime } from './runtime/onnx-runtime.js';
export type { OnnxRuntime, RuntimeSession, RuntimeTensor, SessionOptions } from './runtime/onnx-runtime.js';
export { createOnnxInference, openNetwork, type OnnxInferenceOptions } from './network/onnx-inference.js';

// Errors
export { OnnxError } from './errors.js';
