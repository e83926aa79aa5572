// Ranking
export { rankScores, rankClasses, type Ranking } from './ranking.js';
export { auroc, macroAuroc, type ClassMean } from './auroc.js';
export { averagePrecision, macroAveragePrecision } from './average-precision.js';
export { operatingPoints, type OperatingPoint } from './curves.js';
export { youdenThreshold, f1Threshold, sensitivityThreshold, type ChosenThreshold } from './thresholds.js';

// Decisions at a threshold
export { decide, decideClasses, confusion, type Confusion, type Decisions } from './decisions.js';
export {
  accuracy,
  f1,
  macroF1,
  microF1,
  precision,
  sensitivity,
  specificity,
  sumConfusions,
} from './confusion-rates.js';

// Masks
export {
  maskOverlap,
  maskDice,
  maskIou,
  meanDice,
  meanIou,
  scoreMasks,
  type MaskMean,
  type MaskOverlap,
  type MaskScores,
} from './mask-overlap.js';

// Boxes
export { boxIous } from './box-overlap.js';
export { RSNA_THRESHOLDS, prepareDetections, type DetectionImage, type DetectionRecord } from './prepare-detections.js';
export { rsnaMap, rsnaThreshold, scoreRsnaImages, type RsnaScores } from './rsna-map.js';
export { poolDetections, type DetectionPool } from './detection-pool.js';
export { vocAveragePrecision } from './voc-average-precision.js';
export { COCO_THRESHOLDS, prepareCoco, type CocoImage, type CocoRecord } from './prepare-coco.js';
export {
  cocoAveragePrecision,
  cocoSummary,
  poolCoco,
  type CocoPool,
  type CocoPrecision,
  type CocoSummary,
} from './coco-summary.js';
export {
  FROC_RATES,
  frocCurve,
  frocScore,
  poolFroc,
  prepareFroc,
  sensitivityAt,
  type FrocCurve,
  type FrocHit,
  type FrocPool,
  type FrocRecord,
} from './froc.js';

// Where a network looked
export { pointingGame } from './pointing-game.js';
export { camBox, camBoxIou } from './cam-box.js';
export type { HeatMapPart, HeatMapRecord } from './heat-map.js';

// Means
export { macroMean, weightedMean, type MacroMean } from './macro-mean.js';
export type { Multiplicity } from './multiplicity.js';

// Intervals
export {
  bootstrapInterval,
  bootstrapIntervals,
  type BootstrapInterval,
  type BootstrapOptions,
  type IntervalMethod,
  type Statistic,
} from './bootstrap.js';
export { pairedBootstrap, type PairedDifference } from './paired-bootstrap.js';
export { seedsBootstrap, type SeedsInterval } from './seeds-bootstrap.js';
export { subgroupIntervals, type Subgroup } from './subgroups.js';

export { delong, delongTest, type DelongInterval, type DelongOptions, type DelongTest } from './delong.js';

// Tests and comparisons
export { mcnemar, type McnemarTest } from './mcnemar.js';
export { holm } from './holm.js';
export { multiTaskGain, type TaskComparison } from './multi-task-gain.js';

// Calibration
export {
  binProbabilities,
  calibration,
  type BinnedProbabilities,
  type Calibration,
  type CalibrationBin,
} from './calibration.js';
export { fitTemperature, scaleProbability } from './temperature.js';

// Errors
export { MetricsError, type MetricsErrorCode } from './errors.js';
