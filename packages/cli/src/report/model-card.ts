import { formatCell, MEDICAL_NOTE, withoutName, type ResultRow, type Table } from '@multichexnet/core';
import { plural } from '../output/words.js';
import { escapeText } from '../page/escape-text.js';
import { describeSteps } from './describe-steps.js';
import { trainedPhase, type ReportedRun } from './read-run.js';
import { list } from './tables-section.js';

/** One heading of a model card with its lines. */
export interface CardPart {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** What somebody who meets the trained network must know of it (Mitchell et al., Model Cards for Model Reporting, 2019). */
export function modelCard({ protocol, head, dataNotes, tables, phases, seeds }: ReportedRun): CardPart[] {
  const { encoder, heads } = protocol.model;
  const trained = phases.finished.map((phase) => {
    const data = [...new Set(phase.schedule.turns.map(({ on }) => on))].join(' + ');
    return `${phase.name}: on ${data}, ${describeSteps(trainedPhase({ phases }, phase))}`;
  });
  const data = Object.entries(head.data ?? {}).map(([name, { counts, skipped }]) => {
    const left = Object.entries(skipped).map(([why, count]) => `${count} ${why}`);
    const shown = [plural(counts.images, 'image'), plural(counts.patients, 'patient')];
    if (counts.boxes > 0) shown.push(counts.boxes === 1 ? '1 box' : `${counts.boxes.toLocaleString('en')} boxes`);
    if (counts.masks > 0) shown.push(plural(counts.masks, 'mask row'));
    return `${name}: ${shown.join(', ')}${left.length === 0 ? '' : `; left out: ${left.join(', ')}`}`;
  });
  return [
    {
      heading: 'Model',
      lines: [
        `Encoder: ${describe(encoder)}`,
        ...Object.entries(heads).map(([name, choice]) => `Head ${name}: ${describe(choice)}`),
        `Made by multichexnet ${head.version ?? '(version not recorded)'}, protocol ${protocol.name}, ${seeds.length > 1 ? `seeds ${(protocol.seeds ?? []).join(', ')}` : `seed ${protocol.seed}`}`,
      ],
    },
    {
      heading: 'What it is for',
      lines: [
        `${MEDICAL_NOTE} Nothing here was examined as a medical device; it must not decide, or help to decide, on a patient.`,
        'For research on multi-task learning from frontal chest radiographs.',
      ],
    },
    { heading: 'Training', lines: trained },
    { heading: 'Data', lines: [...data, ...notesOf(dataNotes)] },
    { heading: 'Results on test parts', lines: tables.flatMap(resultLines) },
    {
      heading: 'What the numbers cannot say',
      lines: [
        'How the network does on films of another hospital, machine, time or population than those above.',
        'Whether a subgroup that is small here is served as well as others: read its interval, not its value.',
        'Labels of public datasets were partly mined from reports or drawn by few readers; the network inherits their errors.',
        ...noteLines(protocol),
      ],
    },
  ];
}

export function cardMarkdown(parts: readonly CardPart[]): string {
  const blocks = parts.map(({ heading, lines }) => `## ${heading}\n\n${lines.map((text) => `- ${text}`).join('\n')}`);
  return `# Model card\n\n${blocks.join('\n\n')}\n`;
}

export function cardHtml(parts: readonly CardPart[]): string {
  const blocks = parts.map(({ heading, lines }) => `<h3>${escapeText(heading)}</h3>${list(lines)}`);
  return `<section id="card"><h2>Model card</h2>${blocks.join('')}</section>`;
}

function resultLines({ columns, rows }: Table): string[] {
  return rows.map((row: ResultRow) => {
    const cells = columns.flatMap((column) => {
      const cell = row.cells[column];
      return cell === undefined ? [] : [`${column} ${formatCell(cell)}`];
    });
    return `${row.label}, ${row.datasets.join(' + ')}: ${cells.join('; ')}`;
  });
}

/** What the protocol says that its numbers stand for, a line for each paragraph of it. */
export function noteLines({ note = '' }: { readonly note?: string }): string[] {
  return note.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** `siim: These are not pneumothorax masks.`; datasets that say the same share a line. */
export function notesOf(dataNotes: ReportedRun['dataNotes']): string[] {
  const names = new Map<string, string[]>();
  for (const [name, notes] of Object.entries(dataNotes))
    for (const note of notes.map((text) => withoutName(text, name)))
      names.set(note, [...(names.get(note) ?? []), name]);
  return [...names].map(([note, datasets]) => `${datasets.join(', ')}: ${note}`);
}

function describe({ kind, ...options }: { readonly kind: string; readonly [option: string]: unknown }): string {
  const told = Object.entries(options).map(
    ([name, value]) =>
      `${name} ${Array.isArray(value) ? value.length : typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return told.length === 0 ? kind : `${kind} (${told.join(', ')})`;
}
