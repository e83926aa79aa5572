import type { CommandContext, CommandResult } from '../command.js';
import { describeBuiltIns, type PluginDescription } from '../describe-plugins.js';
import { columns, type Style } from '../output/style.js';

export function run(_context: CommandContext): Promise<CommandResult> {
  const plugins = describeBuiltIns();
  return Promise.resolve({ document: { plugins }, text: (style) => format(plugins, style) });
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
