/** A protocol buffer message under construction (https://protobuf.dev/programming-guides/encoding); fields stand in the order of the calls. */
export class ProtoBytes {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** An integer or enum; negative ones as two's complement of 64 bits. */
  int(field: number, value: number | bigint): this {
    return this.#varint(BigInt(field) << 3n).#varint(BigInt(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#varint((BigInt(field) << 3n) | 5n).#add(bytes);
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtoBytes): this {
    this.#varint((BigInt(field) << 3n) | 2n).#varint(BigInt(value.#length));
    for (const chunk of value.#chunks) this.#add(chunk);
    return this;
  }

  /** @param value is not copied until {@link finish} */
  bytes(field: number, value: Uint8Array): this {
    return this.#varint((BigInt(field) << 3n) | 2n)
      .#varint(BigInt(value.byteLength))
      .#add(value);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }

  #varint(value: bigint): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    return this.#add(Uint8Array.from(bytes));
  }

  #add(chunk: Uint8Array): this {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    return this;
  }
}
