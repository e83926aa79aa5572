/**
 * Undoes the row filters of 8-bit samples with one byte a pixel (PNG specification, 9.2). A pixel under Average or Paeth needs its left neighbour first, which no
 * compiler gets around; several such rows one behind the other, a pixel apart, keep it busy.
 * @param raw a filter byte and `width` bytes for each row, [height * (width + 1)]
 * @param out where the pixels go, [height * width]
 * @returns false for a filter that does not exist
 */
export function unfilterRows(raw: Uint8Array, width: number, height: number, out: Uint8Array): boolean {
  const stride = width + 1;
  for (let y = 0; y < height;) {
    const filter = raw[y * stride]!;
    const from = y * stride + 1;
    const to = y * width;
    const together = y === 0 || width < 4 ? 1 : rowsTogether(raw, y, height, stride);
    if (together === 4) averageRows(raw, from, out, to, width);
    else if (together === 2) paethRows(raw, from, out, to, width);
    else if (filter === NONE || (filter === UP && y === 0)) out.set(raw.subarray(from, from + width), to);
    else if (filter === SUB || (filter === PAETH && y === 0)) subRow(raw, from, out, to, width);
    else if (filter === UP) upRow(raw, from, out, to, width);
    else if (filter === AVERAGE) averageRow(raw, from, out, to, width);
    else if (filter === PAETH) paethRow(raw, from, out, to, width);
    else return false;
    y += together;
  }
  return true;
}

const [NONE, SUB, UP, AVERAGE, PAETH] = [0, 1, 2, 3, 4] as const;

/** Rows from `y` that one loop takes: 4 under Average, 2 under Paeth, or 1. */
function rowsTogether(raw: Uint8Array, y: number, height: number, stride: number): 1 | 2 | 4 {
  const filter = raw[y * stride];
  const rows = filter === AVERAGE ? 4 : filter === PAETH ? 2 : 1;
  if (y + rows > height) return 1;
  for (let next = y + 1; next < y + rows; next++) if (raw[next * stride] !== filter) return 1;
  return rows;
}

function subRow(raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  let left = 0;
  for (let x = 0; x < width; x++) {
    left = (left + raw[from + x]!) & 255;
    out[to + x] = left;
  }
}

function upRow(raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  for (let x = 0; x < width; x++) out[to + x] = raw[from + x]! + out[to + x - width]!;
}

/** Above the first row everything is 0. */
function averageRow(raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  let left = 0;
  for (let x = 0; x < width; x++) {
    const upper = to === 0 ? 0 : out[to + x - width]!;
    left = (raw[from + x]! + ((left + upper) >> 1)) & 255;
    out[to + x] = left;
  }
}

/** Four rows under Average, none of them the first of the image; at least four pixels wide. */
function averageRows(raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  const above = to - width;
  // Where the rows below take their x-th byte from: one, two and three pixels behind.
  const [from1, from2, from3] = [from + width, from + 2 * width, from + 3 * width];
  const [to1, to2, to3] = [to + width - 1, to + 2 * width - 2, to + 3 * width - 3];
  let [row0, row1, row2, row3] = [0, 0, 0, 0]; // the last pixel of each
  for (let x = 0; x < 3; x++) {
    if (x === 2) out[to2 + x] = row2 = averaged(raw[from2 + x]!, row2, row1);
    if (x > 0) out[to1 + x] = row1 = averaged(raw[from1 + x]!, row1, row0);
    out[to + x] = row0 = averaged(raw[from + x]!, row0, out[above + x]!);
  }
  for (let x = 3; x < width; x++) {
    out[to3 + x] = row3 = averaged(raw[from3 + x]!, row3, row2);
    out[to2 + x] = row2 = averaged(raw[from2 + x]!, row2, row1);
    out[to1 + x] = row1 = averaged(raw[from1 + x]!, row1, row0);
    out[to + x] = row0 = averaged(raw[from + x]!, row0, out[above + x]!);
  }
  for (let x = width; x < width + 3; x++) {
    out[to3 + x] = row3 = averaged(raw[from3 + x]!, row3, row2);
    if (x < width + 2) out[to2 + x] = row2 = averaged(raw[from2 + x]!, row2, row1);
    if (x === width) out[to1 + x] = row1 = averaged(raw[from1 + x]!, row1, row0);
  }
}

function averaged(raw: number, left: number, upper: number): number {
  return (raw + ((left + upper) >> 1)) & 255;
}

/** Not the first row of the image. */
function paethRow(raw: Uint8Array, from: number, out: Uint8Array, to: number, width: number): void {
  let left = 0;
  let upperLeft = 0;
  for (let x = 0; x < width; x++) {
    const upper = out[to + x - width]!;
    left = (raw[from + x]! + paeth(left, upper, upperLeft)) & 255;
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
