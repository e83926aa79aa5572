import type { Result } from './results.js';

const [WIDTH, LABEL, BAR, GAP] = [760, 300, 18, 34];
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** An SVG with one group of horizontal bars per benchmark: the first time that its first contender measures, the shortest bar being the fastest. */
export function drawBars(results: readonly Result[]): string {
  const rows: string[] = [];
  let y = 10;
  for (const result of results) {
    const [part] = Object.keys(result.entries[0]?.ms ?? {});
    const bars = result.entries.flatMap(({ label, ms }) =>
      part === undefined || ms[part] === undefined ? [] : [{ label, value: ms[part] }],
    );
    if (bars.length < 2) continue; // nothing to compare
    const longest = Math.max(...bars.map(({ value }) => value));
    rows.push(`<text x="0" y="${y + 14}" font-weight="bold">${escape(`${result.benchmark}: ${part}, ms`)}</text>`);
    y += 24;
    for (const [i, { label, value }] of bars.entries()) {
      const width = Math.max(1, Math.round((value / longest) * (WIDTH - LABEL - 80)));
      rows.push(
        `<text x="${LABEL - 8}" y="${y + 13}" text-anchor="end">${escape(label)}</text>`,
        `<rect x="${LABEL}" y="${y}" width="${width}" height="${BAR - 4}" fill="${i === 0 ? '#1f6feb' : '#8b949e'}"/>`,
        `<text x="${LABEL + width + 6}" y="${y + 13}">${Number(value.toPrecision(3))}</text>`,
      );
      y += BAR;
    }
    y += GAP - BAR;
  }
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">`;
  return `${open}\n<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>\n${rows.join('\n')}\n</svg>\n`;
}
