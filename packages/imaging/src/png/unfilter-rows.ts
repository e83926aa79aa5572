/**
 * Undoes the row filters of 8-bit samples with one byte a pixel (PNG specification, 9.2). A pixel under Paeth needs its left neighbour first, which no
 * compiler gets around; two such rows one behind the other, a pixel apart, keep it busy.
 * @param raw a filter byte and `width` bytes for each row, [height * (width + 1)]
 * @param out where the pixels go, [height * width]
 * @returns false for a filter that does not exist
 */
export function unfilterRows(raw: Uint8Array, width: number, height: number, out: Uint8Array): boolean {
  const stride = width + 1;
  for (let y = 0; y < height; y++) {
    const filter = raw[y * stride]!;
    if (filter > 4) return false;
    if (filter === PAETH && y > 0 && y + 1 < height && raw[(y + 1) * stride] === PAETH) {
      paethRows(raw, y * stride + 1, out, y * width, width);
      y++;
    } else unfilterRow(filter, raw, y * stride + 1, out, y * width, width);
  }
  return true;
}

const PAETH = 4;

/** One row at `to`, whose filtered bytes are at `from`; above the first row everything is 0. */
function unfilterRow(filter: number, raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  const first = to === 0;
  if (filter === 0 || (filter === 2 && first)) {
    out.set(raw.subarray(from, from + width), to);
    return;
  }
  let left = 0;
  let upperLeft = 0;
  for (let x = 0; x < width; x++) {
    const upper = first ? 0 : out[to + x - width]!;
    const predicted =
      filter === 1 ? left : filter === 2 ? upper : filter === 3 ? (left + upper) >> 1 : paeth(left, upper, upperLeft);
    left = (raw[from + x]! + predicted) & 255;
    out[to + x] = left;
    upperLeft = upper;
  }
}

/** Two rows under Paeth, neither of them the first of the image. */
function paethRows(raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  const above = to - width;
  const fromNext = from + width + 1;
  let upperLeft = out[above]!;
  let left = (raw[from]! + upperLeft) & 255;
  out[to] = left;
  let nextLeft = 0;
  let nextUpperLeft = 0;
  for (let x = 1; x < width; x++) {
    const upper = out[above + x]!;
    const value = (raw[from + x]! + paeth(left, upper, upperLeft)) & 255;
    const next = (raw[fromNext + x - 1]! + paeth(nextLeft, left, nextUpperLeft)) & 255;
    out[to + x] = value;
    out[to + width + x - 1] = next;
    upperLeft = upper;
    nextUpperLeft = left;
    left = value;
    nextLeft = next;
  }
  out[to + 2 * width - 1] = raw[fromNext + width - 1]! + paeth(nextLeft, left, nextUpperLeft);
}

/** Whichever of the three is nearest to left + upper - upperLeft, in this order, without a branch. */
function paeth(left: number, upper: number, upperLeft: number): number {
  let toLeft = (upper - upperLeft) | 0;
  let toUpper = (left - upperLeft) | 0;
  let toUpperLeft = (toLeft + toUpper) | 0;
  toLeft = (toLeft ^ (toLeft >> 31)) - (toLeft >> 31);
  toUpper = (toUpper ^ (toUpper >> 31)) - (toUpper >> 31);
  toUpperLeft = (toUpperLeft ^ (toUpperLeft >> 31)) - (toUpperLeft >> 31);
  const notLeft = ((toUpper - toLeft) | (toUpperLeft - toLeft)) >> 31;
  const notUpper = (toUpperLeft - toUpper) >> 31;
  const other = upper ^ ((upper ^ upperLeft) & notUpper);
  return left ^ ((left ^ other) & notLeft);
}
