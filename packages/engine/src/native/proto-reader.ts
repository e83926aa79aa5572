/** One field of a protocol buffer message: `value` for varints, `bytes` for length-delimited fields. */
export interface ProtoField {
  readonly field: number;
  readonly value?: number;
  readonly bytes?: Uint8Array;
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
          this.#at += 4;
          break;
        default:
          throw new RangeError(`wire type ${tag % 8} at byte ${this.#at}`);
      }
    }
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#data[this.#at++];
      if (byte === undefined) throw new RangeError('the message ends inside a number');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
}
