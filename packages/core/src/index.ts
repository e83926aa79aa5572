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
export { shownPart, toOriginal } from './plugin/image-geometry.js';
export { PluginRegistry } from './plugin/registry.js';
export type { PluginRole, PluginSet } from './plugin/registry.js';
export { editDistance, nearestName, suggestion } from './plugin/nearest.js';
export type {
  AnyHead,
  AnyHeadPlugin,
  EncodeContext,
  Explanation,
  Head,
  HeadPlugin,
  InputBox,
  LabelledInput,
} from './plugin/head-plugin.js';
export type { ImageGeometry } from './plugin/image-geometry.js';
export type { OutputValue, TargetValue } from './plugin/sample-values.js';
export type { AnyMetric, CountedClass, HeadMetric, MetricItem } from './plugin/metric.js';

// Layers, losses and metrics for heads and encoders
export { withBuildContext, claimName } from './nn/build-context.js';
export type { BuildContext } from './nn/build-context.js';
export { assignUpdates, batchTotal, withStepContext } from './nn/step-context.js';
export type { StatisticUpdate, StepContext, StepRanks } from './nn/step-context.js';
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
export { randomStream } from './nn/counter-random.js';
export type { RandomStream } from './nn/counter-random.js';
export type { InitializerKind } from './nn/initializer.js';
export { binaryCrossEntropy, huber, logitCrossEntropy, maskedMean } from './nn/losses.js';
export type { BinaryCrossEntropyOptions } from './nn/losses.js';
export { meanAbsoluteError } from './nn/mean-absolute-error.js';

// Weights on disk
export { decodeSafetensors, encodeSafetensors } from './store/safetensors.js';
export type { NamedTensor, SafetensorsFile } from './store/safetensors.js';

// Models
export { ModelPool, loadParameters, readParameters } from './model/network.js';
export type { Choice, HeadModule, Module, Parameter } from './model/network.js';
export { createInference, inferenceNetwork, inferInBatches, lanesFor } from './evaluate/infer.js';
export type { BatchRuntime, Inference, InferenceOptions, SampleOutputs } from './evaluate/infer.js';
export { explanationOf } from './explain/explanation.js';
export { createGradCam, resizeHeatMap } from './explain/grad-cam.js';
export type { ExplainedImage, GradCam, GradCamOptions, HeatMap } from './explain/grad-cam.js';
export { ImageSource } from './data/image-source.js';
export type { BatchAugmentation, ImageSourceOptions } from './data/image-source.js';
export { createImageServices } from './data/image-services.js';
export type { ImageServices, ImageServicesOptions } from './data/image-services.js';
export { DEFAULT_CACHE_LIMIT, openCache } from './data/image-cache/cache-options.js';
export type { CacheConfig } from './data/image-cache/cache-options.js';
export type { CacheOutcome, ImageCacheOptions } from './data/image-cache/image-cache.js';
export { decodeMask, prepareImage } from './data/prepare-image.js';
export { readPreprocessing, stretchTo } from './data/preprocessing.js';
export type { Preprocessing, PreprocessingConfig } from './data/preprocessing.js';
export { geometryOf, labelledInput } from './data/prepared-image.js';
export type { PreparedImage } from './data/prepared-image.js';
export { isPositive, openDatasets, POSITIVE_FINDING } from './data/open-datasets.js';
export type { OpenedDataset, OpenRequest } from './data/open-datasets.js';

// Training
export { noteOrderlyEnd, noteStart } from './run/crash-loop.js';
export { Ranks } from './distributed/ranks.js';
export type { MeetOptions } from './distributed/ranks.js';
export { StopVote } from './distributed/stop-vote.js';
export type { StopReason } from './distributed/stop-vote.js';
export { assertNotStopped, stopError, stopReason } from './run/stop-signal.js';
export { ownPlaces } from './distributed/own-places.js';
export { createTrainStep } from './train/train-step.js';
export type { StepPosition, TrainStep } from './train/train-step.js';
export type { TrainStepConfig } from './train/train-step-config.js';
export { isHeadLoss, readHistory } from './train/step-history.js';
export type { HistoryEntry } from './train/step-history.js';
export { BatchStream } from './train/batch-stream.js';
export type { BatchStreamConfig, PreparedTurn, TrainingData } from './train/batch-stream.js';
export { createWeighting, weightingSchema } from './weighting/create-weighting.js';
export type { WeightingConfig } from './weighting/create-weighting.js';
export type { Combination, Given, HostPlace, TaskGradients, Weighting } from './weighting/weighting.js';
export { TaskNumbers } from './train/task-numbers.js';
export { WeightAverage } from './train/weight-average.js';
export { GradientSum } from './train/gradient-sum.js';
export { StatisticsBefore } from './train/statistics-before.js';
export { encodeBatch } from './data/batch.js';
export type { Batch, HeadBatch } from './data/batch.js';
export { createSchedule } from './schedule/schedule.js';
export type { ScheduleConfig, TurnConfig } from './schedule/schedule.js';
export type { Schedule, Turn, TurnPart } from './schedule/turn.js';

// Protocols and runs
export { GATE, POSITIVE } from './protocol/resolved-phase.js';
export { resolveProtocol } from './protocol/resolve-protocol.js';
export type { ResolvedPhase, ResolvedProtocol } from './protocol/resolved-phase.js';
export type { Resolution } from './protocol/resolve-protocol.js';
export { phaseSchema, protocolSchema } from './protocol/protocol-schema.js';
export { scheduleSchema } from './schedule/schedule-schema.js';
export type {
  AugmentConfig,
  PhaseConfig,
  PhaseSettings,
  ProtocolConfig,
  TableConfig,
  TableRowConfig,
} from './protocol/protocol.js';
export { loadExternalPhase, loadExternalPhases } from './protocol/external-phases.js';
export type { ExternalPhase } from './protocol/external-phases.js';
export { joinProtocol, runProtocol } from './protocol/run-protocol.js';
export type { Reuse } from './run/reuse-phase.js';
export { runSeeds } from './protocol/run-seeds.js';
export type { RunRequest, RunResult } from './protocol/run-protocol.js';
export { readPhaseParameters } from './protocol/run-phase.js';
export type { LossSummary, PhaseResult } from './protocol/run-phase.js';
export type { SelectionResult } from './protocol/selection.js';
export type { PhaseEvaluations } from './protocol/evaluate-phase.js';
export { FoldStatistic, measure, measureAll, measureDifference, untunedOf } from './evaluate/measure.js';
export type { EvaluationRecords, RecordedSample } from './evaluate/records.js';
export type { BootstrapSettings, FoldRecords, Measurement, PairedMeasurement } from './evaluate/measure.js';
export { measureGain, measureSeedsGain } from './evaluate/measure-gain.js';
export type { TaskPair } from './evaluate/measure-gain.js';
export { bySeed, measureGains } from './evaluate/measure-gains.js';
export type { GainsRequest, MultiTaskGain } from './evaluate/measure-gains.js';
export { measureSeeds, measureSeedsDifference } from './evaluate/measure-seeds.js';
export { ageBand, groupOf, measureSeedsSubgroups, measureSubgroups } from './evaluate/subgroups.js';
export type { SubgroupMeasurement } from './evaluate/subgroups.js';
export type { GateScores } from './gate/gate-scores.js';
export type { Table, TableCell, TableRow as ResultRow } from './protocol/tables.js';
export {
  formatCell,
  formatCounts,
  formatClassNotes,
  formatUntuned,
  formatDataNotes,
  formatDifference,
  intervalNote,
  MEDICAL_NOTE,
  withoutName,
} from './protocol/format-table.js';
export { formatGain, formatTask, GAIN_NOTE } from './protocol/format-gains.js';
export { RunStore } from './run/run-store.js';
export { writeFileAtomic, writeJson } from './store/atomic-write.js';
export { hashValue } from './store/hash.js';
export { VERSION } from './version.js';

// Config
export { splitPath } from './config/config-path.js';
export { parseConfigText, readConfigFile, withLine } from './config/config-file.js';
export type { ConfigFile } from './config/config-file.js';
export { setPaths, type TellSlips } from './config/set-paths.js';
export { setPath } from './config/set-path.js';
export { checkUserConfig } from './config/check-user-config.js';
export type { CheckContext, CheckedConfig } from './config/check-user-config.js';
export { configPathOf, configToProtocol, TRAIN_PHASE } from './config/config-to-protocol.js';
export type { RunReferences } from './config/config-to-protocol.js';
export { resolveRunReferences } from './config/run-references.js';
export { editorSchema } from './config/editor-schema.js';
export type {
  GateConfig,
  TrainConfig,
  UserConfig,
  UserOptimizer,
  UserSchedule,
  UserTurn,
} from './config/user-config.js';
export { userConfigSchema } from './config/user-config-schema.js';
export { validate } from './config/validate.js';
export type { Validated, ValidationPlace } from './config/validate.js';

// Engine port
export type {
  CompiledStep,
  CompileOptions,
  Engine,
  EngineInfo,
  EngineMemory,
  Optimizer,
  OptimizerConfig,
  Precision,
  RankGroup,
  SlotValue,
  StepFunction,
} from './engine/engine.js';
export type {
  RecordedData,
  RecordedDtype,
  RecordedFunction,
  RecordedInput,
  RecordedOp,
  RecordedValue,
} from './engine/recorded-function.js';

// Reading a dataset's tables, patients and splits
export { isPlainFileName, parseAge, parseCount, parseDecimal, parseSex, plausibleAge, shown } from './table/cells.js';
export { ProblemList, problemLine } from './table/problem-list.js';
export { countBy } from './table/count-by.js';
export { firstLine } from './table/first-line.js';
export { readTable } from './table/read-table.js';
export type { ColumnSpec } from './table/column-spec.js';
export type { TableFile, TableRow, TableSpec, TableSummary } from './table/read-table.js';
export { readDataNotes } from './data/data-notes.js';
export { requireRoot } from './data/require-root.js';
export { mapLimit } from './data/map-limit.js';
export { readPatientMap, resolvePatients } from './data/patient-map.js';
export type { OwnPatient, PatientMap } from './data/patient-map.js';
export { harmonise, vocabulary } from './data/vocabulary.js';
export type { VocabularyEntry } from './data/vocabulary.js';
export { assignSplits, patientFraction } from './data/assign-splits.js';
export type { SplitOptions, SplitResult } from './data/assign-splits.js';
