import type { CommandContext, CommandResult } from '../command.js';
import { findConfig } from '../config/find-config.js';
import { loadConfig } from '../config/load-config.js';
import { describeBuiltIns, type PluginDescription } from '../describe-plugins.js';
import { columns, type Style } from '../output/style.js';

export async function run({ args }: CommandContext): Promise<CommandResult> {
  const given = args.maybeAt(0);
  const own = given === undefined ? [] : (await loadConfig(await findConfig(given))).plugins.descriptions;
  const plugins = [...describeBuiltIns(), ...own];
  return { document: { plugins }, text: (style) => format(plugins, style) };
}

function format(plugins: readonly PluginDescription[], style: Style): string {
  const rows = plugins.map((plugin) => [plugin.role, plugin.kind, `${plugin.package} ${plugin.version ?? ''}`.trim()]);
  return columns(rows)
    .flatMap((line, i) => [line, ...optionLines(plugins[i] as PluginDescription, style)])
    .join('\n');
}

function optionLines({ options }: PluginDescription, style: Style): string[] {
  const properties = (options as { properties?: Record<string, { default?: unknown }> }).properties ?? {};
  return Object.entries(properties).map(([name, schema]) => {
    const fallback =
      schema.default === undefined
        ? ''
        : ` = ${shorten(JSON.stringify(schema.default), style.width - name.length - 14)}`;
    return style.dim(`         ${name}${fallback}`);
  });
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(8, width - 3))}...`;
}
