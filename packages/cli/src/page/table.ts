import { escapeText } from './escape-text.js';

/**
 * A table that scrolls by itself; columns of counts stand to the right, and a cell may have several lines.
 * @param style `wide`: many columns, in smaller type, whose lines break where they must
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], style?: 'wide'): string {
  const counted = head.map((_, i) => rows.every((row) => /^[\d,]+$/.test(row[i] ?? '')));
  const classOf = (i: number): string => (counted[i] === true ? ' class="n"' : '');
  const cells = (row: readonly string[]): string =>
    row.map((cell, i) => `<td${classOf(i)}>${lines(cell)}</td>`).join('');
  const names = head.map((name, i) => `<th scope="col"${classOf(i)}>${escapeText(name)}</th>`).join('');
  return `<div class="scroll" tabindex="0"><table${style === undefined ? '' : ` class="${style}"`}><thead><tr>${names}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</tbody></table></div>`;
}

/** `1,234` */
export function number(value: number): string {
  return value.toLocaleString('en');
}

/** Several lines, and a number with its interval, stay whole each; words break where they must. */
function lines(cell: string): string {
  const parts = cell.split('\n').map(escapeText);
  return parts.length === 1 && !/^[-+]?[\d.]+ \(/.test(cell)
    ? parts.join('')
    : parts.map((part) => `<span class="line">${part}</span>`).join('');
}
