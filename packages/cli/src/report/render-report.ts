import { MEDICAL_NOTE, silentLogger, type Logger } from '@multichexnet/core';
import { escapeText } from '../page/escape-text.js';
import { renderPage } from '../page/render-page.js';
import { choosePhase } from '../predict/choose-phase.js';
import { answersSection } from './answers-section.js';
import { gainSection } from './gain-section.js';
import { cardHtml, type CardPart } from './model-card.js';
import { phaseSection } from './phase-section.js';
import type { ReportedRun } from './read-run.js';
import { runSection } from './run-section.js';
import { tablesSection } from './tables-section.js';

export interface ReportInput {
  readonly run: ReportedRun;
  readonly card: readonly CardPart[];
  /** HTML of what was made of other runs and of images. */
  readonly comparison: string;
  readonly panels: string;
  readonly made: string;
  readonly logger: Logger;
}

/** The whole report as one page. */
export async function renderReport({ run, card, comparison, panels, made, logger }: ReportInput): Promise<string> {
  const sections: [id: string, name: string, html: string][] = [
    ['run', 'what was run', runSection(run)],
    ['answers', 'answers', answersSection(run)],
    ['gain', 'multi-task gain', await gainSection(run)],
    ['tables', 'tables', tablesSection(run)],
    ['comparison', 'comparison', comparison],
    ['panels', 'images', panels],
    ['phases', 'phases', await phasesSection(run, logger)],
    ['card', 'model card', cardHtml(card)],
  ];
  const shown = sections.filter(([, , html]) => html !== '');
  return renderPage({
    title: `Report: ${run.protocol.name}`,
    made: `${run.name}; ${made}. ${MEDICAL_NOTE}`,
    links: shown.map(([id, name]) => [id, name] as const),
    body: shown.map(([, , html]) => html),
  });
}

async function phasesSection(run: ReportedRun, logger: Logger): Promise<string> {
  const { finished, seed } = run.phases;
  if (finished.length === 0) return '<section id="phases"><h2>Phases</h2><p>No phase is finished yet.</p></section>';
  const main = choosePhase({ ...run, protocol: { ...run.protocol, phases: finished } }, undefined);
  const parts: string[] = [];
  for (const [i, phase] of finished.entries()) {
    parts.push(await phaseSection(run, phase, silentLogger, phase.name === main.name));
    logger.progress({ name: 'phases of the report', done: i + 1, total: finished.length });
  }
  const of =
    seed === undefined
      ? ''
      : ` Metrics, classes and groups over all seeds that have come so far; curves of seed ${seed}, with those of the others beside them where they can be told apart; losses and confusion matrices of seed ${seed}.`;
  return `<section id="phases"><h2>Phases</h2><p>${escapeText(`What each phase learned and how it does on test parts.${of}`)}</p>
${parts.join('\n')}</section>`;
}
