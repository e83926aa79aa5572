import type { EntropyReader } from './entropy-reader.js';
import { inverseDct } from './inverse-dct.js';
import { corrupt } from './jpeg-segments.js';
import type { Scan } from './scan.js';

/** Natural order of the zigzag sequence (T.81 figure A.6). [64] */
export const zigzag = zigzagOrder();

/**
 * The one component of a sequential scan (T.81 F.2).
 * @throws ImagingError IMAGE_CORRUPT
 */
export function dctScan({ frame, components, restartInterval, samples }: Scan, reader: EntropyReader): void {
  const { dc, ac, quantisation } = components[0]!;
  if (dc === undefined || ac === undefined || quantisation === undefined) throw corrupt('a scan lacks its tables');
  const { width, height, precision } = frame;
  const middle = 2 ** (precision - 1);
  const top = 2 ** precision - 1;
  const across = Math.ceil(width / 8);
  const blocks = across * Math.ceil(height / 8);
  const block = new Int32Array(64);
  let previous = 0;
  for (let n = 0; n < blocks; n++) {
    if (restartInterval > 0 && n > 0 && n % restartInterval === 0) {
      reader.restart(n / restartInterval - 1);
      previous = 0;
    }
    block.fill(0);
    const bits = reader.symbol(dc);
    if (bits > 15) throw corrupt('a DC difference of more than 15 bits');
    previous += reader.signed(bits);
    block[0] = previous * quantisation[0]!;
    for (let k = 1; k < 64; k++) {
      const symbol = reader.symbol(ac);
      const size = symbol & 15;
      if (size === 0) {
        if (symbol !== 0xf0) break; // end of block
        k += 15;
        continue;
      }
      k += symbol >> 4;
      if (k > 63) throw corrupt('a run of coefficients leaves its block');
      block[zigzag[k]!] = reader.signed(size) * quantisation[k]!;
    }
    inverseDct(block);
    const left = (n % across) * 8;
    const upper = Math.floor(n / across) * 8;
    const columns = Math.min(8, width - left);
    const rows = Math.min(8, height - upper);
    for (let y = 0; y < rows; y++) {
      for (let x = 0, at = (upper + y) * width + left; x < columns; x++, at++) {
        const value = block[8 * y + x]! + middle;
        samples[at] = value < 0 ? 0 : value > top ? top : value;
      }
    }
  }
}

function zigzagOrder(): Uint8Array {
  const order: number[] = [];
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    const cells: number[] = [];
    for (let y = 0; y <= diagonal; y++) if (y < 8 && diagonal - y < 8) cells.push(8 * y + diagonal - y);
    order.push(...(diagonal % 2 === 0 ? cells.reverse() : cells));
  }
  return Uint8Array.from(order);
}
