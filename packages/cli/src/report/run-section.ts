import { MEDICAL_NOTE } from '@multichexnet/core';
import { plural } from '../output/words.js';
import { escapeText } from '../page/escape-text.js';
import { download } from '../page/figure.js';
import { number, table } from '../page/table.js';
import { noteLines, notesOf } from './model-card.js';
import type { ReportedRun } from './read-run.js';
import { list } from './tables-section.js';

/** What was run on what, and what its numbers stand for. No times: the same results make the same report, also when the run was broken off and gone on with. */
export function runSection(run: ReportedRun): string {
  const { protocol, head, phases, seeds, result, dataNotes } = run;
  const { engine, machine } = head;
  const measured = [...phases.measured.values()].reduce((sum, stores) => sum + stores.length, 0);
  const done = `${measured} of ${protocol.phases.length * seeds.length}`;
  const drawn =
    seeds.length > 1
      ? 'seeds and patients'
      : 'patients; what another seed of the training would have changed is not in them';
  const facts: [string, string][] = [
    ['protocol', `${protocol.name}${protocol.description === undefined ? '' : `: ${protocol.description.trim()}`}`],
    ['phases', result === undefined ? `${done} finished` : String(protocol.phases.length)],
    [seeds.length > 1 ? 'seeds' : 'seed', (protocol.seeds ?? [protocol.seed]).join(', ')],
    ['intervals', `95 %, ${plural(protocol.resamples, 'resample')} of ${drawn}`],
    ['multichexnet', head.version ?? 'not recorded'],
    ['engine', engine === undefined ? 'not recorded' : `${engine.name} ${engine.version} (${engine.device})`],
    ['Node.js', head.node ?? 'not recorded'],
    [
      'machine',
      [machine?.model, machine?.platform, machine?.cpus && plural(machine.cpus, 'CPU')].filter(Boolean).join(', '),
    ],
  ];
  const config = JSON.stringify(protocol, undefined, 2);
  return `<section id="run"><h2>What was run</h2>
<div class="notice"><p><strong>${escapeText(MEDICAL_NOTE)}</strong></p>${noteLines(protocol)
    .map((line) => `<p>${escapeText(line)}</p>`)
    .join('')}${list(notesOf(dataNotes))}</div>
${table(['what', 'how'], facts)}
${dataTable(run)}
<details><summary>The resolved config</summary><pre class="scroll" tabindex="0">${escapeText(config)}</pre></details>
<p>${download('config.json', 'application/json', config, 'config (JSON)')}</p></section>`;
}

function dataTable({ head, protocol }: ReportedRun): string {
  const rows = Object.entries(head.data ?? {}).map(([name, { counts, skipped, fingerprint }]) => [
    name,
    protocol.datasets[name]?.kind ?? '',
    ...[counts.images, counts.patients, counts.boxes, counts.masks].map(number),
    Object.entries(skipped)
      .map(([why, count]) => `${count} ${why}`)
      .join(', ') || 'none',
    fingerprint.slice(0, 12),
  ]);
  if (rows.length === 0) return '<p>The run did not record its data.</p>';
  return `<h3>Data</h3>${table(['dataset', 'kind', 'images', 'patients', 'boxes', 'mask rows', 'left out', 'fingerprint'], rows)}`;
}
