import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Instruction sets that decide what a math library may use. */
  readonly features: readonly string[];
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  /** Processes that wanted a core in the minute before the run. */
  readonly loadBefore: number;
  /** Others were computing too: read CPU times, and trust no ratio to a library whose threads spin while they wait. */
  readonly busy: boolean;
  /** Run under a real-time policy (`chrt --rr 1`): ahead of every other process, so that a busy machine counts for little. */
  readonly realTime?: boolean;
}

export function describeMachine(): Machine {
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const realTime = hasRealTimePolicy();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    features: cpuFeatures(),
    memoryGb: Math.round(totalmem() / 1e9),
    os: `${process.platform} ${release()}`,
    node: process.versions.node,
    loadBefore: load,
    busy: load > availableParallelism() / 2 && !realTime,
    ...(realTime ? { realTime } : {}),
  };
}

function cpuFeatures(): string[] {
  const wanted = ['avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16'];
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(/\s+/) ?? [];
  return wanted.filter((feature) => flags.includes(feature));
}

/** Policy of this process, which its children inherit: field 41 of proc_pid_stat(5), 1 is FIFO and 2 round robin. */
function hasRealTimePolicy(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third on
  return ['1', '2'].includes(fields[38] ?? '');
}
