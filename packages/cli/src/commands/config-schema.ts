import type { CommandContext, CommandResult } from '../command.js';
export function run(_context: CommandContext): Promise<CommandResult> {
  throw new Error('not here yet');
}
