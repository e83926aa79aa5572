/** What can be wrong with the arguments of a metric; the codes are stable. */
export type MetricsErrorCode =
  | 'METRICS_LENGTH_MISMATCH'
  | 'METRICS_LABEL_INVALID'
  | 'METRICS_SCORE_INVALID'
  | 'METRICS_MULTIPLICITY_INVALID'
  | 'METRICS_BOX_INVALID'
  | 'METRICS_OPTION_INVALID'
  | 'METRICS_STATISTIC_INVALID'
  | 'METRICS_PATIENT_REPEATS';

/** Thrown for arguments that no number could honestly be computed from. */
export class MetricsError extends Error {
  readonly code: MetricsErrorCode;

  constructor(code: MetricsErrorCode, message: string) {
    super(message);
    this.name = 'MetricsError';
    this.code = code;
  }
}

/** @throws {MetricsError} METRICS_LENGTH_MISMATCH when `got` is not `wanted`. */
export function assertLength(name: string, got: number, wanted: number): void {
  if (got !== wanted) {
    throw new MetricsError(
      'METRICS_LENGTH_MISMATCH',
      `${name} has ${got} entries, ${wanted} wanted: pass one per item`,
    );
  }
}
