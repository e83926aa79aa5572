import type { IntervalMethod } from '@multichexnet/metrics';
import { atLeast, atMost, type Benchmark, type Check } from '../benchmark.js';
import { timed } from '../children/report.js';
import { ownContender, type MeasureFunction } from '../contender.js';
import type { Entry } from '../interleave.js';

const REPETITIONS = 2000;
const RESAMPLES = 1000;
const STATISTICS = ['auroc', 'dice', 'dice/positives'];
/** Least share of intervals that hold the true value, in percent. */
const LEAST: Readonly<Record<IntervalMethod, number>> = { percentile: 92, bca: 93 };
const MOST = 97;

/** Simulated studies of 150 patients, whose true values are known. */
export const measure: MeasureFunction = async (method, repetitions) => {
  const { simulateCoverage } = await import('../../../packages/metrics/src/golden/simulate-coverage.js');
  const [ms, coverage] = await timed(() =>
    Promise.resolve(
      simulateCoverage({
        repetitions: Number(repetitions),
        resamples: RESAMPLES,
        seed: 1,
        method: method as IntervalMethod,
      }),
    ),
  );
  return { library: 'multichexnet', times: { simulation: [ms] }, notes: coverage };
};

/** How often 95 % intervals hold the true value: a measurement of truth, not of speed. */
export const coverage: Benchmark = {
  name: 'coverage',
  what: `how often 95 % intervals hold the truth, in ${REPETITIONS} simulated studies`,
  settings: { repetitions: REPETITIONS, resamples: RESAMPLES, patients: 150, imagesEach: '1-4', prevalence: 0.2 },
  rounds: 1,
  contenders: () =>
    (['percentile', 'bca'] as const).map((method) =>
      ownContender(import.meta.url, method, `${method} bootstrap by patient`, [method, String(REPETITIONS)]),
    ),
  conclude: (entries) => ({
    ratios: {},
    checks: (['percentile', 'bca'] as const).flatMap((method) =>
      STATISTICS.flatMap((name) => checksOf(entries[method], method, name)),
    ),
  }),
};

function checksOf(entry: Entry | undefined, method: IntervalMethod, name: string): Check[] {
  const percent = Number((100 * Number(entry?.notes?.[name])).toFixed(2));
  return [
    atLeast(`${method} coverage, ${name}`, percent, LEAST[method], ' %'),
    atMost(`${method} coverage, ${name}`, percent, MOST, ' %'),
  ];
}
