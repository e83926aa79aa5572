import { open } from 'node:fs/promises';
import { join } from 'node:path';

const NAMES = ['README.md', 'README.txt', 'README'];
const MAX_BYTES = 64 * 1024;
const MAX_NOTES = 8;

/**
 * What a root's own README says that the data is and is not: its title, sentences set in bold, and the points under a heading "Caveats". Tables repeat them,
 * since a number without them can be mistaken for more than it is.
 * @param names the dataset's and its kind: one of them stands before its notes and is therefore left out of a title that begins with it
 */
export async function readDataNotes(root: string, ...names: readonly string[]): Promise<string[]> {
  for (const file of NAMES) {
    const text = await readStart(join(root, file));
    if (text !== undefined) return extractNotes(text).map((note) => withoutName(note, names));
  }
  return [];
}

function withoutName(note: string, names: readonly string[]): string {
  const prefix = names.map((name) => `${name}: `).find((start) => note.startsWith(start)) ?? '';
  return note.slice(prefix.length);
}

export function extractNotes(text: string): string[] {
  const lines = text.split(/\r?\n/);
  const title = lines
    .find((line) => line.trim() !== '')
    ?.replace(/^#+\s*/, '')
    .trim();
  const bold = lines.flatMap((line) => /^\*\*(.+?)\*\*/.exec(line)?.[1] ?? []);
  return [...(title === undefined ? [] : [title]), ...bold, ...caveats(lines)].slice(0, MAX_NOTES);
}

/** The list under the heading, each point with its continuation lines. */
function caveats(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => /^#+\s*caveats\b/i.test(line));
  if (from < 0) return [];
  const points: string[] = [];
  for (const line of lines.slice(from + 1)) {
    if (line.startsWith('#')) break;
    if (/^[-*]\s+/.test(line)) points.push(line.replace(/^[-*]\s+/, '').trim());
    else if (/^\s+\S/.test(line) && points.length > 0) points.push(`${points.pop() ?? ''} ${line.trim()}`);
  }
  return points;
}

async function readStart(file: string): Promise<string | undefined> {
  let handle;
  try {
    handle = await open(file, 'r');
  } catch {
    return undefined; // most roots have none
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}
