import type { CommandSpec } from '../command.js';
import type { OptionSpec } from './argument-spec.js';
import { columns, wrap, type Style } from '../output/style.js';
import { GLOBAL_OPTIONS } from './parse-arguments.js';

/** The commands, with examples first. */
export function formatOverview(commands: readonly CommandSpec[], style: Style): string {
  return [
    'multichexnet: multi-task learning on chest X-rays, composed from plugins',
    '',
    style.bold('Examples'),
    '  npm start                    set up, draw phantom images, run the paper',
    '  multichexnet data verify rsna data/rsna',
    '  multichexnet protocol run paper --data rsna=data/rsna ... --out runs/mine',
    '  multichexnet train multichexnet.config.ts',
    '',
    style.bold('Commands'),
    ...twoColumns(
      commands.map(({ name, positionals, summary }) => [
        [name, ...positionals.map(shownPositional)].join(' '),
        summary,
      ]),
      style,
    ),
    '',
    style.bold('Every command'),
    ...twoColumns(optionRows(GLOBAL_OPTIONS), style),
    '',
    wrap(
      'Exit codes: 0 done, 1 failed, 2 usage or config error, 130 interrupted, 143 ended by a scheduler, 200 another process lost or the disk full.',
      style.width,
    ),
    wrap('Research software; its results are not medical advice.', style.width),
  ].join('\n');
}

export function formatCommandHelp(command: CommandSpec, style: Style): string {
  const { name, summary, positionals, options, examples } = command;
  const usage = ['multichexnet', name, ...positionals.map(shownPositional), '[options]'].join(' ');
  return [
    wrap(summary, style.width),
    '',
    style.bold('Examples'),
    ...examples.map((example) => `  ${example}`),
    '',
    style.bold('Usage'),
    wrap(usage, style.width, '  '),
    ...(positionals.length === 0
      ? []
      : [
          '',
          ...twoColumns(
            positionals.map((positional) => [positional.name, positional.help]),
            style,
          ),
        ]),
    ...(Object.keys(options).length === 0
      ? []
      : ['', style.bold('Options'), ...twoColumns(optionRows(options), style)]),
    '',
    style.bold('Every command'),
    ...twoColumns(optionRows(GLOBAL_OPTIONS), style),
  ].join('\n');
}

function shownPositional({ name, optional, many }: CommandSpec['positionals'][number]): string {
  const shown = many === true ? `${name}...` : name;
  return optional === true ? `[${shown}]` : shown;
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): string[][] {
  return Object.entries(options).map(([name, { value, many, help }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}${many === true ? ' ...' : ''}`,
    help,
  ]);
}

const LEFT_MAX = 38;

/** Name and text side by side; below each other where the terminal is narrow. */
function twoColumns(rows: readonly (readonly string[])[], style: Style): string[] {
  const left = Math.min(LEFT_MAX, Math.max(...rows.map(([name = '']) => name.length)));
  if (style.width < left + 30)
    return rows.flatMap(([name = '', text = '']) => [`  ${name}`, wrap(text, style.width, '      ')]);
  return rows.flatMap(([name = '', text = '']) => {
    const lines = wrap(text, style.width - left - 4).split('\n');
    if (name.length > left) return [`  ${name}`, ...lines.map((line) => ' '.repeat(left + 4) + line)];
    return columns(lines.map((line, i) => [`  ${i === 0 ? name.padEnd(left) : ' '.repeat(left)}`, line]));
  });
}
