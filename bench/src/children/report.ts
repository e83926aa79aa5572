import { readFileSync } from 'node:fs';
import type { Measurement } from '../contender.js';

/** High-water mark of this process's resident memory, in bytes. */
export function peakBytes(): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Hands the measurement to the parent. */
export function report(measurement: Omit<Measurement, 'peakBytes'>): void {
  process.stdout.write(`${JSON.stringify({ ...measurement, peakBytes: peakBytes() } satisfies Measurement)}\n`);
}

export async function timed<T>(run: () => Promise<T>): Promise<readonly [milliseconds: number, result: T]> {
  const started = performance.now();
  const result = await run();
  return [performance.now() - started, result];
}

export interface Samples {
  readonly wall: number[];
  /** Time that all threads together spent computing: what a step costs, however busy the machine is. */
  readonly cpu: number[];
}

/** Milliseconds of up to `count` calls, at least one, ending early when `seconds` are over. */
export async function sample(run: () => Promise<unknown>, count: number, seconds: number): Promise<Samples> {
  const samples: Samples = { wall: [], cpu: [] };
  const deadline = performance.now() + seconds * 1000;
  while (samples.wall.length < count && (samples.wall.length === 0 || performance.now() < deadline)) {
    const before = process.cpuUsage();
    const [ms] = await timed(run);
    const { user, system } = process.cpuUsage(before);
    samples.wall.push(ms);
    samples.cpu.push((user + system) / 1000);
  }
  return samples;
}
