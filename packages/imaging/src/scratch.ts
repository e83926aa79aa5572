const MAX_BYTES = 2 ** 24;

/** Memory that one synchronous piece of work after another uses: megabytes anew for each image would keep the collector busy. */
export class Scratch {
  private bytes = new Uint8Array();

  /** Holds whatever it held; a large one is its own. */
  take(length: number): Uint8Array {
    if (length > MAX_BYTES) return new Uint8Array(length);
    if (this.bytes.length < length) this.bytes = new Uint8Array(length);
    return this.bytes.subarray(0, length);
  }

  /** The bytes themselves, or a copy where they would be overwritten. */
  own(bytes: Uint8Array): Uint8Array {
    return bytes.buffer === this.bytes.buffer ? bytes.slice() : bytes;
  }
}
