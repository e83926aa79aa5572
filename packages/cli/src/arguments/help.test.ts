import { expect, test } from 'vitest';
import { commands } from '../command-list.js';
import { createStyle } from '../output/style.js';
import { formatCommandHelp, formatOverview } from './help.js';

test.each([40, 80, 200])('every help fits %i columns and holds an example', (columns) => {
  const style = createStyle({ columns }, {});
  for (const command of commands) {
    const text = formatCommandHelp(command, style);
    expect(text).toContain(`multichexnet ${command.name}`);
    expect(command.examples.length).toBeGreaterThan(0);
    if (columns >= 80) expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  }
  const overview = formatOverview(commands, style);
  for (const { name } of commands) expect(overview).toContain(name);
});

test('no command is named twice, and each can be loaded', async () => {
  const names = commands.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const command of commands) expect(await command.load()).toHaveProperty('run');
});
