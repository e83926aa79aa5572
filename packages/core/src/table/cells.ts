const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const AGE = /^(\d+(?:\.\d+)?)\s*([YMWD]?)$/i;
const PER_YEAR: Readonly<Record<string, number>> = { Y: 1, M: 12, W: 52.1775, D: 365.2425 };
/** Real sets hold ages of 148 and 412 years; they are slips, so that the age is unknown. */
const OLDEST = 120;

/** A finite decimal number, else undefined: `nan`, ``, `0x10`, `1,5` and `12abc` are none. */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** A whole number that is not negative (`3`, `003`, `3.0`), else undefined. */
export function parseCount(text: string): number | undefined {
  const value = parseDecimal(text);
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** Years from `58`, `058Y`, `011M`, `003W` or `10D`; `unknown` for a blank and for ages above 120; undefined when it is no age. */
export function parseAge(text: string): number | 'unknown' | undefined {
  if (text === '') return 'unknown';
  const match = AGE.exec(text);
  if (match === null) return undefined;
  return plausibleAge(Number(match[1]) / (PER_YEAR[(match[2] || 'Y').toUpperCase()] ?? 1)) ?? 'unknown';
}

/** The age in years, or undefined where it can't be one: above 120 (real sets have 148, 155, 412) or not given. */
export function plausibleAge(years: number | undefined): number | undefined {
  return years !== undefined && years >= 0 && years <= OLDEST ? years : undefined;
}

/** `F` or `M`; `unknown` for a blank and DICOM's `O`; undefined when it is no sex. */
export function parseSex(text: string): 'F' | 'M' | 'unknown' | undefined {
  const sex = text.toUpperCase();
  if (sex === 'F' || sex === 'FEMALE') return 'F';
  if (sex === 'M' || sex === 'MALE') return 'M';
  return sex === '' || sex === 'O' || sex === 'U' || sex === 'UNKNOWN' ? 'unknown' : undefined;
}

/** A name of one file in one folder: no separator of any system, no `.`/`..`, no control character. */
export function isPlainFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[/\\:\u0000-\u001f]/.test(name);
}

/** A cell in a message: short, quoted, without control characters. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length <= 60 ? quoted : `${quoted.slice(0, 56)}..."`;
}
