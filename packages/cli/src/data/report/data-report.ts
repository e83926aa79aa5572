import type { ContactSheet } from '../contact-sheet.js';
import type { PartStats, RootStats } from '../describe-root.js';
import type { DuplicateGroup } from '../find-duplicates.js';
import type { Leak, LeakReport, LeakSide } from '../find-leaks.js';
import { escapeText } from '../../page/escape-text.js';
import { renderPage } from '../../page/render-page.js';
import { number, table } from '../../page/table.js';
import { drawBars } from './bar-plot.js';

export interface ReportInput {
  readonly datasets: readonly {
    readonly stats: RootStats;
    readonly sheet: ContactSheet;
    /** What the root's own README says that it is and is not. */
    readonly notes: readonly string[];
  }[];
  readonly duplicates: readonly DuplicateGroup[];
  readonly leaks: LeakReport;
  /** Of the patient map and of every root. */
  readonly made: string;
}

const LISTED = 60;
const SIZES = 15;

/** Everything that is known of datasets before training, as one HTML page without scripts, fonts or links to elsewhere. */
export async function renderDataReport({ datasets, duplicates, leaks, made }: ReportInput): Promise<string> {
  const sections: string[] = [];
  for (const dataset of datasets) sections.push(await renderDataset(dataset));
  return renderPage({
    title: 'Data report',
    made,
    links: [
      ...datasets.map(({ stats }) => [stats.kind, stats.kind] as const),
      ['leaks', 'leaks'],
      ['duplicates', 'duplicates'],
    ],
    body: [
      renderOverview(datasets.map(({ stats }) => stats)),
      ...sections,
      renderLeaks(leaks),
      renderDuplicates(duplicates),
    ],
  });
}

function renderOverview(roots: readonly RootStats[]): string {
  const rows = roots.map(({ kind, images, patients, boxes, masks, usable, problems }) => [
    kind,
    ...[images, usable.images, patients, boxes, masks, problems.length].map(number),
  ]);
  return `<section><h2>Overview</h2>${table(['dataset', 'images', 'usable', 'patients', 'boxes', 'mask rows', 'problems'], rows)}</section>`;
}

async function renderDataset({ stats, sheet, notes }: ReportInput['datasets'][number]): Promise<string> {
  const { kind, root, findings, ages, parts, imagesPerPatient, problems } = stats;
  const plots = [
    ['Images with each finding, by part', await findingPlot(parts, `${kind}: images with each finding`)],
    ['Age', await countPlot(ages, `${kind}: images by age`)],
    ['Views', await countPlot(stats.views, `${kind}: images by view`)],
    ['Sex', await countPlot(stats.sexes, `${kind}: images by sex`)],
    ['Images a patient', await countPlot(imagesPerPatient, `${kind}: patients by number of images`, 'patients')],
  ] as const;
  const figures = plots.flatMap(([title, svg]) =>
    svg === '' ? [] : [`<figure><figcaption>${title}</figcaption>${svg}</figure>`],
  );
  const counted = [
    countTable('labels, as the dataset says', stats.labels),
    countTable('sizes', mostOf(stats.sizes)),
    countTable('formats', stats.formats),
    countTable('sources', mostOf(stats.sources)),
    ...Object.entries(stats.attributes).map(([name, values]) => countTable(name, mostOf(values))),
    countTable('skipped', stats.skipped),
  ];
  const partRows = Object.entries(parts).map(([name, part]) => [name, number(part.images), number(part.patients)]);
  const known = Object.entries(findings).map(([name, { yes, no, unknown }]) => [
    name,
    ...[yes, no, unknown].map(number),
  ]);
  const alt = `${sheet.cells.length} images of ${kind} with boxes and masks`;
  return `<section id="${escapeText(kind)}"><h2>${escapeText(kind)}</h2>
<p class="path">${escapeText(root)}</p>
${notes.length > 0 ? `<ul class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join('')}</ul>` : ''}
<div class="figures">${figures.join('')}</div>
<div class="figures">${table(['part', 'images', 'patients'], partRows)}${table(['finding', 'yes', 'no', 'unknown'], known)}${counted.join('')}</div>
<h3>Examples</h3>
<div class="scroll"><img class="sheet" width="${sheet.width}" height="${sheet.height}" alt="${escapeText(alt)}" src="data:image/png;base64,${sheet.png.toString('base64')}"></div>
<h3>Problems</h3>
${renderProblems(problems)}</section>`;
}

function findingPlot(parts: Readonly<Record<string, PartStats>>, title: string): Promise<string> {
  const names = ['train', 'validation', 'test'] as const;
  const total = new Map<string, number>();
  for (const part of names)
    for (const [finding, count] of Object.entries(parts[part]?.findings ?? {}))
      total.set(finding, (total.get(finding) ?? 0) + count);
  const rows = [...total]
    .sort(([, a], [, b]) => b - a)
    .flatMap(([name]) => names.map((part) => ({ name, part, count: parts[part]?.findings[name] ?? 0 })));
  return rows.length === 0 ? Promise.resolve('') : drawBars({ title, rows, parts: names });
}

function countPlot(counts: Readonly<Record<string, number>>, title: string, unit = 'images'): Promise<string> {
  const rows = Object.entries(counts).map(([name, count]) => ({ name, count }));
  return rows.length === 0 ? Promise.resolve('') : drawBars({ title, rows, unit });
}

function renderProblems(problems: RootStats['problems']): string {
  if (problems.length === 0) return '<p class="good">none</p>';
  const rows = problems
    .slice(0, LISTED)
    .map(({ code, file, line, message }) => [code, line === undefined ? file : `${file}:${line}`, message]);
  return `${table(['code', 'where', 'what'], rows)}${more(problems.length)}`;
}

function renderLeaks({ by, leaks, notes }: LeakReport): string {
  const said = by === 'official' ? "by the datasets' own lists" : 'as training splits them together';
  const sides = (list: readonly LeakSide[]): string =>
    list.map(({ dataset, split, images }) => `${split} of ${dataset}: ${images.join(', ')}`).join('; ');
  const rows = leaks
    .slice(0, LISTED)
    .map(({ patient, held, training }: Leak) => [patient, sides(held), sides(training)]);
  const found =
    leaks.length === 0
      ? '<p class="good">no patient stands in training and is held out</p>'
      : `<p class="bad">${number(leaks.length)} in training and held out</p>${table(['patient', 'held out', 'in training'], rows)}${more(leaks.length)}`;
  const list =
    notes.length === 0 ? '' : `<ul class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join('')}</ul>`;
  return `<section id="leaks"><h2>Patients in training and held out, ${escapeText(said)}</h2>${list}${found}
<p>Training puts each patient on one side of all datasets, whatever the lists say.</p></section>`;
}

function renderDuplicates(groups: readonly DuplicateGroup[]): string {
  const rows = groups
    .slice(0, LISTED)
    .map(({ images, distance, samePatient, acrossParts }) => [
      images.map(({ dataset, id }) => `${dataset} ${id}`).join(', '),
      String(distance),
      samePatient ? 'one' : 'several',
      acrossParts ? 'training and held out' : 'one side',
    ]);
  const found =
    groups.length === 0
      ? '<p class="good">none</p>'
      : `${table(['images', 'bits of 256 that differ', 'patients', 'parts'], rows)}${more(groups.length)}`;
  return `<section id="duplicates"><h2>Images that look the same</h2><p>By a perceptual hash, within and across datasets.</p>${found}</section>`;
}

function countTable(title: string, counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).map(([name, count]) => [name, number(count)]);
  return rows.length === 0 ? '' : table([title, 'images'], rows);
}

function mostOf(counts: Readonly<Record<string, number>>): Record<string, number> {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(SIZES).reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries([...sorted.slice(0, SIZES), ...(rest > 0 ? [['others', rest] as const] : [])]);
}

function more(count: number): string {
  return count > LISTED ? `<p>and ${number(count - LISTED)} more; the commands with --json list all</p>` : '';
}
