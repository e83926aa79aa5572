/** One field of a protocol buffer message: `value` for varints, `bytes` for length-delimited fields. */
export interface ProtoField {
  readonly field: number;
  readonly value?: number;
  readonly bytes?: Uint8Array;
  /** Of 32-bit fields, read as a float. */
  readonly float?: number;
}

/** Walks the top-level fields of an encoded protocol buffer message (all that reading op definitions takes). */
export class ProtoReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  *fields(): Generator<ProtoField> {
    while (this.#at < this.#data.length) {
      const tag = this.#varint();
      const field = Math.floor(tag / 8);
      switch (tag % 8) {
        case 0:
          yield { field, value: this.#varint() };
          break;
        case 1:
          this.#at += 8;
          break;
        case 2: {
          const end = this.#varint() + this.#at;
          yield { field, bytes: this.#data.subarray(this.#at, end) };
          this.#at = end;
          break;
        }
        case 5:
          yield {
            field,
            float: new DataView(this.#data.buffer, this.#data.byteOffset + this.#at, 4).getFloat32(0, true),
          };
          this.#at += 4;
          break;
        default:
          throw new RangeError(`wire type ${tag % 8} at byte ${this.#at}`);
      }
    }
  }

  /** A list of varints or floats written as one length-delimited field. */
  static packed(bytes: Uint8Array, kind: 'varint' | 'float'): number[] {
    if (kind === 'float')
      return Array.from({ length: bytes.length / 4 }, (_, index) =>
        new DataView(bytes.buffer, bytes.byteOffset).getFloat32(index * 4, true),
      );
    const reader = new ProtoReader(bytes);
    const values: number[] = [];
    while (reader.#at < bytes.length) values.push(reader.#varint());
    return values;
  }

  /** Negative numbers are written as 64-bit two's complement, which a double cannot add up. */
  #varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#data[this.#at++];
      if (byte === undefined) throw new RangeError('the message ends inside a number');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  }
}
