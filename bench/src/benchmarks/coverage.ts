import type { CoverageMethod } from '../../../packages/metrics/src/golden/simulate-coverage.js';
import { atLeast, atMost, type Benchmark, type Check } from '../benchmark.js';
import { timed } from '../children/report.js';
import { ownContender, type MeasureFunction } from '../contender.js';
import type { Entry } from '../interleave.js';

const REPETITIONS = 2000;
const RESAMPLES = 1000;
const STATISTICS = ['auroc', 'dice', 'dice/positives'];
const METHODS: Readonly<Record<CoverageMethod, { label: string; least: number; statistics: readonly string[] }>> = {
  percentile: { label: 'percentile bootstrap by patient', least: 92, statistics: STATISTICS },
  bca: { label: 'BCa bootstrap by patient', least: 93, statistics: STATISTICS },
  delong: { label: "DeLong with Obuchowski's variance", least: 92, statistics: ['auroc'] },
};
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
        method: method as CoverageMethod,
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
    methods().map((method) =>
      ownContender(import.meta.url, method, METHODS[method].label, [method, String(REPETITIONS)]),
    ),
  conclude: (entries) => ({
    ratios: {},
    checks: methods().flatMap((method) =>
      METHODS[method].statistics.flatMap((name) => checksOf(entries[method], method, name)),
    ),
  }),
};

const methods = (): CoverageMethod[] => Object.keys(METHODS) as CoverageMethod[];

function checksOf(entry: Entry | undefined, method: CoverageMethod, name: string): Check[] {
  const percent = Number((100 * Number(entry?.notes?.[name])).toFixed(2));
  return [
    atLeast(`${method} coverage, ${name}`, percent, METHODS[method].least, ' %'),
    atMost(`${method} coverage, ${name}`, percent, MOST, ' %'),
  ];
}
