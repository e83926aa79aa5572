/** Codes: BENCH_USAGE (exit 2), BENCH_CONTENDER_FAILED, BENCH_PEERS_MISSING, BENCH_RESULTS_DAMAGED (exit 1). */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
