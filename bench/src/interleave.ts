import { runContender, type Contender, type Measurement } from './contender.js';
import { median, round } from './statistics.js';

/** A contender's rounds, summed up. */
export interface Entry {
  readonly name: string;
  readonly label: string;
  readonly library: string;
  /** Medians over all rounds, milliseconds. */
  readonly ms: Readonly<Record<string, number>>;
  /** Highest of all rounds. */
  readonly peakBytes: number;
  /** Every time of every round, milliseconds. */
  readonly rounds: readonly Readonly<Record<string, readonly number[]>>[];
  readonly notes?: Readonly<Record<string, number | string>>;
}

/**
 * A B C A B C ...: each turn is a fresh process, so that none inherits another's memory, and a slow spell of the machine hits all of them.
 */
export async function interleave(
  contenders: readonly Contender[],
  rounds: number,
  progress: (line: string) => void,
): Promise<Entry[]> {
  const measured = new Map<Contender, Measurement[]>(contenders.map((contender) => [contender, []]));
  for (let turn = 0; turn < rounds; turn++)
    for (const contender of contenders) {
      if (turn >= (contender.rounds ?? rounds)) continue;
      const measurement = await runContender(contender);
      measured.get(contender)?.push(measurement);
      const times = Object.entries(measurement.times).map(([part, values]) => `${part} ${round(median(values))} ms`);
      const peak = `peak ${round(measurement.peakBytes / 1e9)} GB`;
      progress(`round ${turn + 1}/${rounds}  ${contender.name}: ${[...times, peak].join(', ')}`);
    }
  return [...measured].map(([contender, measurements]) => summarise(contender, measurements));
}

function summarise({ name, label }: Contender, measurements: readonly Measurement[]): Entry {
  const first = measurements[0] as Measurement;
  const last = measurements.at(-1) as Measurement;
  const all = (part: string): number[] => measurements.flatMap(({ times }) => times[part] ?? []);
  return {
    name,
    label,
    library: first.library,
    ms: Object.fromEntries(Object.keys(first.times).map((part) => [part, round(median(all(part)), 5)])),
    peakBytes: Math.max(...measurements.map(({ peakBytes }) => peakBytes)),
    rounds: measurements.map(({ times }) =>
      Object.fromEntries(Object.entries(times).map(([part, values]) => [part, values.map((value) => round(value, 5))])),
    ),
    ...(last.notes === undefined ? {} : { notes: last.notes }),
  };
}
