import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { drawBars } from './draw-bars.js';
import type { Result } from './results.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** The order of the page; what is not named comes behind, by name. */
const ORDER = ['train', 'infer', 'mtl', 'start', 'pipeline', 'scale', 'steady'];

/** Writes `docs/benchmarks.md` and its chart `docs/benchmarks.svg` from the newest result of every benchmark. */
export async function writeDocs(): Promise<void> {
  const results = readNewest();
  writeFileSync(at('docs/benchmarks.svg'), drawBars(results));
  writeFileSync(at('docs/benchmarks.md'), await format(page(results), { parser: 'markdown', printWidth: 120 }));
}

function readNewest(): Result[] {
  const folder = at('bench/results/');
  if (!existsSync(folder)) return [];
  const place = ({ benchmark }: Result): number =>
    ORDER.includes(benchmark) ? ORDER.indexOf(benchmark) : ORDER.length;
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => (JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as Result[]).slice(-1))
    .sort((a, b) => place(a) - place(b));
}

function page(results: readonly Result[]): string {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- NAME` from the newest results in `bench/results`; how they are measured is in `bench/README.md`.',
    'Times are medians in milliseconds, ratios are ratios of medians of one interleaved run.',
    '',
    '![Times of every contender](benchmarks.svg)',
    ...results.flatMap(section),
    '',
  ].join('\n');
}

function section({ benchmark, date, machine, settings, entries, ratios, checks }: Result): string[] {
  const parts = [...new Set(entries.flatMap(({ ms }) => Object.keys(ms)))];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const circumstances = [
    date.slice(0, 10),
    `${machine.cpu}, ${machine.cores} cores (${machine.features.join(' ')})`,
    `${machine.memoryGb} GB`,
    `node ${machine.node}`,
    machine.realTime === true ? 'run ahead of all other processes' : `load ${machine.loadBefore} before the run`,
  ];
  return [
    '',
    `## ${benchmark}`,
    '',
    Object.entries(settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
    '',
    circumstances.join('; '),
    ...(machine.busy ? ['', 'The machine was busy: read CPU times where there are any.'] : []),
    '',
    row(['contender', ...parts, 'peak GB', 'library']),
    row(['---', ...parts.map(() => '---:'), '---:', '---']),
    ...entries.map(({ label, ms, peakBytes, library }) =>
      row([label, ...parts.map((part) => String(ms[part] ?? '')), (peakBytes / 1e9).toFixed(2), library]),
    ),
    '',
    ...Object.entries(ratios).map(([name, value]) => `- ${name} = ${value}`),
    '',
    row(['what has to hold', 'wanted', 'got', '']),
    row(['---', '---', '---:', '---']),
    ...checks.map(({ name, ok, got, wanted }) => row([name, wanted, String(got), ok ? 'holds' : '**falls short**'])),
  ];
}
