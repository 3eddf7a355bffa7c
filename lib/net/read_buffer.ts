/** Of a quiet connection, in bytes: at 5,000 of them 64 KiB each would be 320 MB. REGISTER and chat lines fit. */
const SMALL = 256;
/** Of a busy one, in bytes: with messages of 1 KiB, reading into 2 KiB costs a factor of 8 in speed. */
const LARGE = 65_536;
/** One that a read has filled is replaced by one so many times as large. */
const GROWTH = 4;
/** So many reads in a row that would have fitted the small one bring it back. */
const SMALL_READS_TO_SHRINK = 16;

/** What one connection is read into: as large as its reads have use for. */
export class ReadBuffer {
  #bytes = new Uint8Array(SMALL);
  #smallReads = 0;

  /** Read into this; valid until {@linkcode fit}. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** The last read has brought `count` bytes, and they are done with. */
  fit(count: number): void {
    const { length } = this.#bytes;
    this.#smallReads = count < SMALL ? this.#smallReads + 1 : 0;
    if (count === length && length < LARGE) this.#bytes = new Uint8Array(length * GROWTH);
    else if (length > SMALL && this.#smallReads >= SMALL_READS_TO_SHRINK) {
      this.#bytes = new Uint8Array(SMALL);
    }
  }
}
