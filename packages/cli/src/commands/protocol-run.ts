import { MEDICAL_NOTE, PluginRegistryToken, type RunResult } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { CliError } from '../errors.js';
import { shortPath } from '../output/format-error.js';
import { formatLeftOut } from '../output/format-left-out.js';
import { formatTables } from '../output/format-tables.js';
import { executeProtocol } from '../protocol/execute-protocol.js';
import { findProtocol } from '../protocol/find-protocol.js';
import { parseRoots, prepareProtocol } from '../protocol/prepare-protocol.js';
import { defaultRunFolder } from '../protocol/run-folder.js';
import { parseDevice } from '../start-engine.js';

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const container = createContainer({ logger });
  const roots = parseRoots(args.list('data'));
  const resume = args.flag('resume');
  if (resume && args.text('out') === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', '--resume wants --out DIR: the run to go on with');
  const source = await findProtocol(args.at(0));
  const registry = container.get(PluginRegistryToken);
  const prepared = await prepareProtocol({ source, registry, set: args.list('set'), roots });
  const out = args.text('out') ?? defaultRunFolder(prepared.protocol.name, prepared.protocol);
  const patientMap = args.text('patient-map');
  const result = await executeProtocol({
    ...prepared,
    container,
    out,
    resume,
    allowChange: args.list('allow-change'),
    device: parseDevice(args.text('device')),
    reuse: !args.flag('no-reuse'),
    logger,
    signal,
    ...(patientMap === undefined ? {} : { patientMap }),
  });
  return runResult(result);
}

/** Tables and the run's place, for people and for programs. */
export function runResult(result: RunResult): CommandResult {
  return {
    document: { ...result, notice: MEDICAL_NOTE },
    text: (style) =>
      [
        ...formatTables(result.tables, {
          style,
          dataNotes: result.dataNotes,
          ...(result.gains === undefined ? {} : { gains: result.gains }),
          ...(result.note === undefined ? {} : { note: result.note }),
        }),
        ...formatLeftOut(result, style),
        `run  ${shortPath(result.run)}`,
      ].join('\n'),
  };
}
