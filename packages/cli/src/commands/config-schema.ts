import { editorSchema, PluginRegistryToken } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { findConfig } from '../config/find-config.js';
import { loadConfig } from '../config/load-config.js';
import { createContainer } from '../create-container.js';

/** With or without `--json`: the schema is a document. */
export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const given = args.maybeAt(0);
  const plugins = given === undefined ? undefined : (await loadConfig(await findConfig(given))).plugins.set;
  const registry = createContainer({ logger, ...(plugins === undefined ? {} : { plugins }) }).get(PluginRegistryToken);
  const schema = editorSchema(registry);
  return { document: schema, text: () => JSON.stringify(schema, null, 2) };
}
