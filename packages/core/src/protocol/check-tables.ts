import { suggestion } from '../plugin/nearest.js';
import type { OptionsCheck } from './options-check.js';
import type { ProtocolConfig, TableConfig, TableRowConfig } from './protocol.js';
import { GATE, type ResolvedPhase } from './resolved-phase.js';

/** Everything that tables refer to, so that a slip of the pen does not show after the last phase. */
export function checkTables(config: ProtocolConfig, phases: readonly ResolvedPhase[], check: OptionsCheck): void {
  const byName = new Map(phases.map((phase) => [phase.name, phase]));
  for (const [key, table] of Object.entries(config.tables)) {
    const path = `tables.${key}`;
    checkColumns(config, table, path, check);
    const labels = table.rows.map(({ label }) => label);
    table.rows.forEach((row, i) => {
      const at = `${path}.rows[${i}]`;
      if (labels.indexOf(row.label) !== i)
        check.problem('PROTOCOL_TABLE', `two rows of this table are called "${row.label}"`, `${at}.label`);
      if (row.against !== undefined && !labels.includes(row.against))
        check.problem(
          'PROTOCOL_TABLE',
          `there is no row "${row.against}" in this table; ${suggestion(row.against, labels)}`,
          `${at}.against`,
        );
      for (const heading of Object.keys(row.paper ?? {}))
        if (!Object.hasOwn(table.columns, heading))
          check.problem(
            'PROTOCOL_TABLE',
            `this table has no column "${heading}"; ${suggestion(heading, Object.keys(table.columns))}`,
            `${at}.paper.${heading}`,
          );
      const phase = byName.get(row.phase);
      if (phase !== undefined) checkRow(config, table, row, phase, at, check);
      // A phase that has problems of its own is not resolved, and they are reported.
      else if (!Object.hasOwn(config.phases, row.phase))
        check.problem(
          'PROTOCOL_UNKNOWN_PHASE',
          `there is no phase "${row.phase}"; ${suggestion(row.phase, Object.keys(config.phases))}`,
          `${at}.phase`,
        );
    });
  }
}

/** `<head>.<metric>` */
export function splitColumn(target: string): [head: string, metric: string] {
  const dot = target.indexOf('.');
  return dot < 0 ? [target, ''] : [target.slice(0, dot), target.slice(dot + 1)];
}

function checkColumns(config: ProtocolConfig, table: TableConfig, path: string, check: OptionsCheck): void {
  const heads = [...Object.keys(config.model.heads), GATE];
  for (const [heading, target] of Object.entries(table.columns)) {
    const [head, metric] = splitColumn(target);
    if (head === '' || metric === '')
      check.problem('PROTOCOL_TABLE', `a column is <head>.<metric>, got "${target}"`, `${path}.columns.${heading}`);
    else if (!heads.includes(head))
      check.problem(
        'PROTOCOL_UNKNOWN_HEAD',
        `the model has no head "${head}"; ${suggestion(head, heads)}`,
        `${path}.columns.${heading}`,
      );
  }
}

function checkRow(
  config: ProtocolConfig,
  table: TableConfig,
  row: TableRowConfig,
  phase: ResolvedPhase,
  path: string,
  check: OptionsCheck,
): void {
  for (const [head, datasets] of Object.entries(row.on)) {
    for (const dataset of [datasets].flat())
      if (!Object.hasOwn(config.datasets, dataset))
        check.problem(
          'PROTOCOL_UNKNOWN_DATASET',
          `there is no dataset "${dataset}"; ${suggestion(dataset, Object.keys(config.datasets))}`,
          `${path}.on.${head}`,
        );
    const choice = Object.hasOwn(phase.heads, head) ? phase.heads[head] : undefined;
    if (choice === undefined) {
      check.problem(
        'PROTOCOL_UNKNOWN_HEAD',
        `phase "${row.phase}" has no head "${head}"; ${suggestion(head, Object.keys(phase.heads))}`,
        `${path}.on.${head}`,
      );
      continue;
    }
    const created = check.createHead(choice, `${path}.on.${head}`);
    if (created === undefined) continue;
    const names = (created.metrics as readonly { readonly name: string }[]).map(({ name }) => name);
    for (const [heading, target] of Object.entries(table.columns)) {
      const [own, metric] = splitColumn(target);
      if (own === head && metric !== '' && !names.includes(metric))
        check.problem(
          'PROTOCOL_TABLE',
          `head "${head}" of phase "${row.phase}" has no metric "${metric}" for column "${heading}"; ${suggestion(metric, names)}`,
          path,
        );
    }
  }
}
