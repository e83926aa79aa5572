import { corrupt } from './jpeg-segments.js';

/** A Huffman table as one look-up of the next 16 bits: code length * 256 + symbol, 0 where no code begins so. [65536] */
export type HuffmanTable = Uint16Array;

/**
 * Tables of one DHT segment (ITU-T T.81 B.2.4.2 and annex C), by class * 16 + destination.
 * @param mostBits of a DC difference, which is what a symbol of a DC table says: 16 in Lossless, 15 elsewhere
 * @throws ImagingError IMAGE_CORRUPT
 */
export function readHuffmanTables(body: Uint8Array, into: Map<number, HuffmanTable>, mostBits = 16): void {
  for (let at = 0; at < body.length;) {
    const destination = body[at]!;
    const counts = body.subarray(at + 1, at + 17);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    if (counts.length < 16 || symbols > 256 || at + 17 + symbols > body.length)
      throw corrupt('a Huffman table is cut or too long');
    if ((destination & 0xef) > 3) throw corrupt(`a Huffman table of class and destination ${destination}`);
    if (destination < 16 && body.subarray(at + 17, at + 17 + symbols).some((bits) => bits > mostBits))
      throw corrupt(`a Huffman table of differences of more than ${mostBits} bits`);
    const table = new Uint16Array(65_536);
    let code = 0; // of the next symbol, shifted left to 16 bits
    let symbol = at + 17;
    for (let length = 1; length <= 16; length++) {
      for (let n = counts[length - 1]!; n > 0; n--) {
        const span = 1 << (16 - length);
        if (code + span > 65_536) throw corrupt('a Huffman table has more codes than bits');
        table.fill(length * 256 + body[symbol++]!, code, code + span);
        code += span;
      }
    }
    into.set(destination, table);
    at = symbol;
  }
}

/** Reads the bits of one entropy-coded segment (T.81 F.2.2): stuffed zeros taken out, never past a marker or the end. */
export class EntropyReader {
  /** Offset of the next byte not taken; after {@link align}, of the marker that ended the segment. */
  at: number;
  private readonly bytes: Uint8Array;
  private bits = 0;
  private count = 0;
  /** Zero bits that stand in for what the stream lacks; none of them may be used. */
  private lacking = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** @throws ImagingError IMAGE_CORRUPT for bits that are no code, and at the end of the data */
  symbol(table: HuffmanTable): number {
    if (this.count < 16) this.fill();
    const entry = table[(this.bits >>> (this.count - 16)) & 0xffff]!;
    if (entry === 0) throw corrupt('bits that are no Huffman code', this.at);
    this.take(entry >> 8);
    return entry & 0xff;
  }

  /** A number of `length` bits in JPEG's form (T.81 F.2.2.1, EXTEND): those that begin with 0 are negative. 0..15 bits. */
  signed(length: number): number {
    if (length === 0) return 0;
    if (this.count < 16) this.fill();
    const value = (this.bits >>> (this.count - length)) & ((1 << length) - 1);
    this.take(length);
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  /** A Huffman code for a number of bits, then the number (T.81 H.1.2.2): the difference of a lossless sample, -32767..32768. */
  difference(table: HuffmanTable): number {
    if (this.count < 16) this.fill();
    const entry = table[(this.bits >>> (this.count - 16)) & 0xffff]!;
    const length = entry >> 8;
    const size = entry & 0xff;
    const after = this.count - length - size;
    if (entry === 0 || size > 15 || after < this.lacking) return this.rareDifference(table);
    this.count = after;
    if (size === 0) return 0;
    const value = (this.bits >>> after) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Skips the rest of the last byte and the restart marker, whose number is checked. */
  restart(index: number): void {
    this.align();
    while (this.bytes[this.at] === 0xff && this.bytes[this.at + 1] === 0xff) this.at++;
    if (this.bytes[this.at] !== 0xff || this.bytes[this.at + 1] !== 0xd0 + (index & 7))
      throw corrupt('a restart marker was expected', this.at);
    this.at += 2;
  }

  /** Ends the segment: `at` is then the next marker. Bytes before it that no code used are left out. */
  align(): void {
    this.bits = this.count = this.lacking = 0;
    const { bytes } = this;
    while (this.at < bytes.length && !(bytes[this.at] === 0xff && bytes[this.at + 1] !== 0)) this.at++;
  }

  /** More bits than are at hand, the difference without a value of its own (16), and what is wrong. */
  private rareDifference(table: HuffmanTable): number {
    const size = this.symbol(table);
    if (size > 16) throw corrupt('a difference of more than 16 bits', this.at);
    return size === 16 ? 32_768 : this.signed(size);
  }

  private take(length: number): void {
    this.count -= length;
    if (this.count < this.lacking) throw corrupt('the scan is cut', this.at);
  }

  private fill(): void {
    const { bytes } = this;
    while (this.count <= 16) {
      const byte = this.at < bytes.length ? bytes[this.at]! : 0xff;
      if (byte === 0xff && (this.at >= bytes.length || bytes[this.at + 1] !== 0)) {
        this.bits <<= 8;
        this.lacking += 8;
      } else {
        this.bits = (this.bits << 8) | byte;
        this.at += byte === 0xff ? 2 : 1;
      }
      this.count += 8;
    }
  }
}
