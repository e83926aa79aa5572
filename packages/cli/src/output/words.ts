/** `1 image`, `2 images`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** `up to 10 minutes`. */
export function formatWait(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `up to ${seconds % 60 === 0 ? plural(seconds / 60, 'minute') : plural(seconds, 'second')}`;
}
