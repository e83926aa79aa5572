import type { CommandContext, CommandResult } from '../command.js';
import { prepareConfig } from '../config/prepare-config.js';
import { shortPath } from '../output/format-error.js';

/** Problems are thrown and printed like those of any other command. */
export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const { file, config } = await prepareConfig({ file: args.maybeAt(0), set: args.list('set'), logger });
  return { document: { ok: true, file, config, problems: [] }, text: () => `${shortPath(file)}: no problems` };
}
