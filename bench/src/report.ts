import type { Result } from './results.js';

/** The result as a table for a terminal. */
export function formatResult({ benchmark, machine, settings, entries, ratios, checks }: Result): string {
  const parts = [...new Set(entries.flatMap(({ ms }) => Object.keys(ms)))];
  const rows = [
    ['', ...parts.map((part) => `${part} ms`), 'peak GB', 'library'],
    ...entries.map(({ label, ms, peakBytes, library }) => [
      label,
      ...parts.map((part) => (ms[part] === undefined ? '' : ms[part].toFixed(ms[part] < 100 ? 1 : 0))),
      (peakBytes / 1e9).toFixed(2),
      library,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    `${benchmark}: ${Object.entries(settings)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
    `${machine.cpu}, ${machine.cores} cores (${machine.features.join(' ')}), ${machine.memoryGb} GB, node ${machine.node}, load ${machine.loadBefore}`,
    ...(machine.busy
      ? [
          'The machine was busy before the run: read CPU times; libraries that spin while they wait look worse than they are.',
        ]
      : []),
    '',
    ...table,
    '',
    ...Object.entries(ratios).map(([name, value]) => `${name} = ${value}`),
    ...checks.map(({ name, ok, got, wanted }) => `${ok ? 'holds' : 'FAILS'}: ${name}: ${got}, wanted ${wanted}`),
  ].join('\n');
}
