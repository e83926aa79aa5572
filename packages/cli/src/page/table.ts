import { escapeText } from './escape-text.js';

/** A table that scrolls by itself; columns of counts stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const counted = head.map((_, i) => rows.every((row) => /^[\d,]+$/.test(row[i] ?? '')));
  const classOf = (i: number): string => (counted[i] === true ? ' class="n"' : '');
  const cells = (row: readonly string[]): string =>
    row.map((cell, i) => `<td${classOf(i)}>${escapeText(cell)}</td>`).join('');
  const names = head.map((name, i) => `<th scope="col"${classOf(i)}>${escapeText(name)}</th>`).join('');
  return `<div class="scroll" tabindex="0"><table><thead><tr>${names}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</tbody></table></div>`;
}

/** `1,234` */
export function number(value: number): string {
  return value.toLocaleString('en');
}
