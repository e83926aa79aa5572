import { expect, test } from 'vitest';
import { commands } from '../command-list.js';
import { parseCommandLine } from './parse-arguments.js';

const suggest = (name: string, known: readonly string[]): Promise<string> =>
  Promise.resolve(`${name} of ${known.length}`);
const parse = (...argv: string[]): ReturnType<typeof parseCommandLine> => parseCommandLine(argv, commands, suggest);

test('one word, two words, switches before and after, values with and without =', async () => {
  const { command, args } = await parse('--json', 'data', 'verify', 'rsna', 'data/rsna', '--table=x.csv', '--quiet');
  expect(command?.name).toBe('data verify');
  expect([args.at(0), args.at(1), args.text('table')]).toEqual(['rsna', 'data/rsna', 'x.csv']);
  expect(['json', 'quiet', 'debug'].map((name) => args.flag(name))).toEqual([true, true, false]);
  expect((await parse('train')).args.maybeAt(0)).toBeUndefined();
  expect((await parse('predict', 'run', 'a.png', 'b.dcm')).args.from(1)).toEqual(['a.png', 'b.dcm']);
});

test('a value may be repeated, hold =, be negative or look like a command', async () => {
  const { args } = await parse(
    'protocol',
    'run',
    'paper',
    '--data',
    'a=b',
    '--data',
    'c=d',
    '--set',
    'x.y=a=b',
    '--out',
    'train',
  );
  expect(args.list('data')).toEqual(['a=b', 'c=d']);
  expect([args.text('set'), args.text('out')]).toEqual(['x.y=a=b', 'train']);
  const { args: phantom } = await parse('phantom', '--seed', '-1');
  expect(phantom.text('seed')).toBe('-1');
  expect(() => phantom.whole('seed', 0)).toThrow('--seed wants a whole number from 0, got "-1"');
});

test.each([
  [['protocl'], 'CLI_UNKNOWN_COMMAND', 'there is no command "protocl"'],
  [['data', 'verfy'], 'CLI_UNKNOWN_COMMAND', '"data verfy"; data verfy of '],
  [['data'], 'CLI_UNKNOWN_COMMAND', 'data verify'],
  [['train', '--sett', 'a=b'], 'CLI_UNKNOWN_OPTION', 'multichexnet train has no option "--sett"'],
  [['--nope'], 'CLI_UNKNOWN_OPTION', 'multichexnet has no option "--nope"'],
  [['phantom', '--out'], 'CLI_OPTION_VALUE', '--out wants a value: --out DIR'],
  [['train', '--json=yes'], 'CLI_OPTION_VALUE', '--json takes no value'],
  [['data', 'verify', 'rsna'], 'CLI_MISSING_ARGUMENT', 'wants ROOT'],
  [['predict', 'run'], 'CLI_MISSING_ARGUMENT', 'wants FILE'],
  [['doctor', 'now'], 'CLI_EXTRA_ARGUMENT', 'takes no arguments, got "now"'],
])('%j is refused by %s', async (argv, code, text) => {
  await expect(parse(...argv)).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string });
});

test('help and version are there whatever else is wrong', async () => {
  expect((await parse('data', 'verify', '--help')).command?.name).toBe('data verify');
  expect((await parse('predict', '--nope', '-h')).args.flag('help')).toBe(true);
  expect((await parse('help', 'protocol', 'run')).command?.name).toBe('protocol run');
  expect((await parse('help')).args.flag('help')).toBe(true);
  expect((await parse('-V')).args.flag('version')).toBe(true);
  expect((await parse()).command).toBeUndefined();
});
