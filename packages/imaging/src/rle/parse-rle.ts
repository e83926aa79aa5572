import { ImagingError } from '../errors.js';
import { assertSize } from '../grey-image.js';
import type { RleFormat, Run } from './run.js';

/**
 * Run-length text (`start length start length ...`) to runs with absolute starts counted from 0. White space around and between
 * numbers does not matter. No mask: `-1` (also ` -1`) in the relative format, empty text in the absolute one; gives [].
 * @throws ImagingError RLE_INVALID with the character offset: odd count, zero or negative length, not a whole number, overlap or
 * wrong order, past the end, `-1` among runs, nothing where `-1` is wanted
 */
export function parseRle(text: string, format: RleFormat): Run[] {
  assertSize(format, 'mask');
  const pixels = format.width * format.height;
  const tokens = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], at: match.index }));
  if (isNoMask(tokens, format)) return [];
  if (tokens.length % 2 === 1) throw invalid(`${tokens.length} numbers, which is odd`, tokens[tokens.length - 1]!.at);
  const runs: Run[] = [];
  let end = 0;
  for (let i = 0; i < tokens.length; i += 2) {
    const first = wholeNumber(tokens[i]!);
    const length = wholeNumber(tokens[i + 1]!);
    const at = tokens[i]!.at;
    if (length < 1) throw invalid(`length ${length}`, tokens[i + 1]!.at);
    if (!format.relative && first < 1) throw invalid(`start ${first}, counted from 1`, at);
    if (format.relative && first < 0) throw invalid(`gap ${first}`, at);
    const start = format.relative ? end + first : first - 1;
    if (start < end) throw invalid(`start ${first} lies before the end of the run before`, at);
    end = start + length;
    if (end > pixels)
      throw invalid(`the run ends at ${end}, past the last of ${format.width} x ${format.height} pixels`, at);
    runs.push({ start, length });
  }
  return runs;
}

function isNoMask(tokens: readonly { text: string; at: number }[], { relative }: RleFormat): boolean {
  if (tokens.length === 0) {
    if (relative) throw invalid('empty; `-1` stands for no mask', 0);
    return true;
  }
  if (!relative) return false;
  const noMask = tokens.find((token) => token.text === '-1');
  if (noMask !== undefined && tokens.length > 1) throw invalid('`-1` (no mask) among runs', noMask.at);
  return noMask !== undefined;
}

function wholeNumber({ text, at }: { text: string; at: number }): number {
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw invalid(`\`${text.slice(0, 20)}\` is not a whole number`, at);
  return value;
}

function invalid(reason: string, offset: number): ImagingError {
  return new ImagingError('RLE_INVALID', `RLE at character ${offset}: ${reason}`, { offset });
}
