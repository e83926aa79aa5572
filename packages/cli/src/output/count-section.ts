import { padEnd, type Style } from './style.js';

/** A title and `name count` pairs, as many on a line as fit; nothing without pairs. */
export function countSection(title: string, entries: readonly (readonly [string, number])[], style: Style): string[] {
  if (entries.length === 0) return [];
  const cells = entries.map(([name, count]) => `${name} ${count}`);
  const width = Math.max(...cells.map((cell) => cell.length)) + 2;
  const across = Math.max(1, Math.floor((style.width - 4) / width));
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += across)
    lines.push(
      `    ${cells
        .slice(at, at + across)
        .map((cell) => padEnd(cell, width))
        .join('')
        .trimEnd()}`,
    );
  return [`  ${title}`, ...lines];
}
