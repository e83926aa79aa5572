import type { CommandContext, CommandResult } from '../command.js';
import { shortPath } from '../output/format-error.js';
import { plural } from '../output/words.js';
import { mergeShards } from '../predict/merge-shards.js';

export async function run({ args }: CommandContext): Promise<CommandResult> {
  const merged = await mergeShards(args.at(0));
  const failed =
    merged.failed === 0 ? '' : `\n${plural(merged.failed, 'image')} could not be read: ${shortPath(merged.errors)}`;
  return {
    document: merged,
    text: () => `${plural(merged.files, 'image')}: ${shortPath(merged.predictions)}${failed}`,
    exitCode: merged.failed > (args.whole('max-broken', 0) ?? 0) ? 1 : 0,
  };
}
