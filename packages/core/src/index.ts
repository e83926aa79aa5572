// Errors
export { MultichexnetError, ProblemsError, isMultichexnetError } from './errors.js';
export type { ErrorPlace } from './errors.js';

// Injection
export {
  DatasetPluginToken,
  EncoderPluginToken,
  EngineToken,
  HeadPluginToken,
  LoggerToken,
  PluginRegistryToken,
  token,
} from './di/tokens.js';
export { silentLogger } from './log/logger.js';
export type { Logger, ProgressEvent } from './log/logger.js';

// Samples and datasets
export type { LabelledBox, Labels, MaskLabel, Patient, Sample, Split, SplitSample } from './data/sample.js';
export type { DataProblem, DatasetContext, DatasetCounts, DatasetIndex } from './data/dataset.js';

// Plugins
export type { OptionsOf, OptionsSchema } from './plugin/schema.js';
export { defineDataset } from './plugin/dataset-plugin.js';
export type { DatasetPlugin, TableReport } from './plugin/dataset-plugin.js';
export { defineEncoder } from './plugin/encoder-plugin.js';
export type { Encoder, EncoderPlugin, FeaturePyramid, PluginContext, PyramidLevel } from './plugin/encoder-plugin.js';
export { defineHead } from './plugin/head-plugin.js';
export { PluginRegistry } from './plugin/registry.js';
export type { PluginRole, PluginSet } from './plugin/registry.js';
export { editDistance, nearestName, suggestion } from './plugin/nearest.js';
export type {
  AnyHead,
  AnyHeadPlugin,
  EncodeContext,
  Head,
  HeadPlugin,
  ImageGeometry,
  InputBox,
  LabelledInput,
  OutputValue,
  TargetValue,
} from './plugin/head-plugin.js';
export type { AnyMetric, HeadMetric, MetricItem } from './plugin/metric.js';

// Layers, losses and metrics for heads and encoders
export { withBuildContext, claimName } from './nn/build-context.js';
export type { BuildContext } from './nn/build-context.js';
export { assignUpdates, withStepContext } from './nn/step-context.js';
export type { StatisticUpdate, StepContext } from './nn/step-context.js';
export {
  concatenate,
  connect,
  conv2d,
  convTranspose2d,
  dense,
  globalAveragePool,
  leakyRelu,
  relu,
} from './nn/layers.js';
export type { Activation, Connect, Conv2dOptions } from './nn/layers.js';
export { batchNorm } from './nn/batch-norm.js';
export type { BatchNormOptions } from './nn/batch-norm.js';
export { dropout } from './nn/dropout.js';
export { initialValues, seededInitializer } from './nn/initializer.js';
export type { InitializerKind } from './nn/initializer.js';
export { binaryCrossEntropy, huber, logitCrossEntropy, maskedMean } from './nn/losses.js';
export type { BinaryCrossEntropyOptions } from './nn/losses.js';
export { meanAbsoluteError } from './nn/mean-absolute-error.js';

// Weights on disk
export { decodeSafetensors, encodeSafetensors } from './store/safetensors.js';
export type { NamedTensor, SafetensorsFile } from './store/safetensors.js';

// Config
export { validate } from './config/validate.js';
export type { Validated, ValidationPlace } from './config/validate.js';

// Engine port
export type {
  CompiledStep,
  Engine,
  EngineInfo,
  EngineMemory,
  Optimizer,
  OptimizerConfig,
  SlotValue,
  StepFunction,
} from './engine/engine.js';

// Reading a dataset's tables, patients and splits
export { isPlainFileName, parseAge, parseCount, parseDecimal, parseSex, plausibleAge, shown } from './table/cells.js';
export { ProblemList } from './table/problem-list.js';
export { firstLine } from './table/first-line.js';
export { readTable } from './table/read-table.js';
export type { ColumnSpec, TableFile, TableRow, TableSpec, TableSummary } from './table/read-table.js';
export { requireRoot } from './data/require-root.js';
export { mapLimit } from './data/map-limit.js';
export { readPatientMap, resolvePatients } from './data/patient-map.js';
export type { OwnPatient, PatientMap } from './data/patient-map.js';
export { assignSplits, patientFraction } from './data/assign-splits.js';
export type { SplitOptions, SplitResult } from './data/assign-splits.js';
