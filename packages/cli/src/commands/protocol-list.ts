import { readConfigFile } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { wrap } from '../output/style.js';
import { namedProtocols } from '../protocol/find-protocol.js';

export async function run(_context: CommandContext): Promise<CommandResult> {
  const protocols = await Promise.all(
    (await namedProtocols()).map(async ({ name, file }) => {
      const { description, phases, tables } = (await readConfigFile(file)).value;
      return {
        name,
        description: typeof description === 'string' ? description : '',
        phases: Object.keys((phases as object | undefined) ?? {}),
        tables: Object.keys((tables as object | undefined) ?? {}),
        file,
      };
    }),
  );
  return {
    document: { protocols },
    text: (style) =>
      protocols
        .map(({ name, description, phases, tables }) =>
          [
            `${style.bold(name)}  ${phases.length} phases, ${tables.length} tables`,
            ...(description === '' ? [] : [wrap(description.trim(), style.width, '  ')]),
          ].join('\n'),
        )
        .join('\n') || 'none',
  };
}
