import { PluginRegistryToken, type ResolvedProtocol } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { wrap, type Style } from '../output/style.js';
import { describePhase, type PhaseDescription } from '../protocol/describe-phase.js';
import { findProtocol } from '../protocol/find-protocol.js';
import { prepareProtocol } from '../protocol/prepare-protocol.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const registry = createContainer({ logger }).get(PluginRegistryToken);
  const source = await findProtocol(args.at(0));
  const { protocol } = await prepareProtocol({ source, registry, set: args.list('set') });
  const { name, description, note, seed, datasets, model, tables } = protocol;
  const phases = protocol.phases.map(describePhase);
  return {
    document: { name, description, note, seed, datasets, model, phases, tables },
    text: (style) => format(protocol, phases, style),
  };
}

function format(protocol: ResolvedProtocol, phases: readonly PhaseDescription[], style: Style): string {
  const { name, description, datasets, model, tables, seed } = protocol;
  const heads = Object.entries(model.heads).map(([head, { kind }]) => (head === kind ? head : `${head} (${kind})`));
  return [
    style.bold(name),
    ...(description === undefined ? [] : [wrap(description.trim(), style.width, '  ')]),
    '',
    ...[
      ['datasets', Object.keys(datasets).join(', ')],
      ['encoder', describeOptions(model.encoder)],
      ['heads', heads.join(', ')],
      ['seed', String(seed)],
    ].map(([word = '', text = '']) => `  ${word.padEnd(10)}${wrap(text, style.width, ' '.repeat(12)).trimStart()}`),
    '',
    style.bold('Phases, in the order in which they run'),
    ...phases.flatMap((phase, i) => formatPhase(phase, i + 1, style)),
    ...Object.entries(tables).flatMap(([key, table]) => [
      '',
      style.bold(`${key}  ${table.title}`),
      wrap(
        `columns: ${Object.entries(table.columns)
          .map(([heading, target]) => `${heading} = ${target}`)
          .join(', ')}`,
        style.width,
        '  ',
      ),
      ...table.rows.flatMap(({ label, phase, gate, on }) => [
        wrap(label, style.width, '  '),
        wrap(
          `${phase}${gate === undefined ? '' : ` (gate: ${gate})`} on ${[...new Set(Object.values(on).flat())].join(' + ')}`,
          style.width,
          '      ',
        ),
      ]),
    ]),
  ].join('\n');
}

function formatPhase(phase: PhaseDescription, place: number, style: Style): string[] {
  const { name, steps, schedule, turns, from, fresh, gate, crossValidate } = phase;
  const indent = '       ';
  const lines = turns.map(({ on, train }) => `trains ${train.join(' + ')} on ${on}`);
  const sources = [...new Set(Object.values(from))];
  const all = sources.length === 1 && Object.keys(from).length > 1;
  const start = all
    ? `starts from ${sources[0] ?? ''}`
    : `starts from ${Object.entries(from)
        .map(([module, parent]) => `${parent} (${module})`)
        .join(', ')}`;
  lines.push(
    sources.length === 0 ? 'starts afresh' : start + (fresh.length === 0 ? '' : `, afresh: ${fresh.join(', ')}`),
  );
  const gates = Object.entries(gate).map(([head, parent]) => `${head} by ${parent}`);
  if (gates.length > 0) lines.push(`gated: ${gates.join(', ')}`);
  if (crossValidate !== undefined) lines.push(`cross-validation: ${JSON.stringify(crossValidate)}`);
  const kind = turns.length > 1 ? `, ${schedule}` : '';
  return [
    `  ${`${place}`.padStart(3)}  ${style.bold(name)}  ${steps} steps${kind}`,
    ...lines.map((line) => wrap(line, style.width, indent)),
  ];
}

function describeOptions({ kind, ...options }: { readonly kind: string; readonly [key: string]: unknown }): string {
  return [kind, ...Object.entries(options).map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(', ');
}
