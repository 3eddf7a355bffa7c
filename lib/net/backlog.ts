import { concatBytes } from "../protocol/bytes.ts";

/**
 * Bytes of one joined write at most: a write has its fixed cost paid off by then, and a long backlog is not
 * copied into one huge array.
 */
const JOINED_BYTES = 65_536;

/**
 * Pieces of so many bytes are not joined: a write of their own costs 5 us, and new memory for a copy 1 us a KiB, which
 * then waits for the garbage collector.
 */
const LARGE_BYTES = 4_096;

const NOTHING = new Uint8Array(0);

/** The pieces that wait behind a write, in order. */
export class Backlog {
  #pieces: Uint8Array[] = [];
  /** The first that still waits. */
  #first = 0;

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#first === this.#pieces.length;
  }

  /** Adds `piece` behind all others. */
  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
  }

  /** Forgets all. */
  clear(): void {
    this.#pieces = [];
    this.#first = 0;
  }

  /** What to write next: a large piece itself, or the small ones up to the next large one, joined; empty if none. */
  take(): Uint8Array {
    const end = this.#endOfNext();
    const taken = this.#pieces.slice(this.#first, end);
    // Let go of, or what is written would stay in memory for as long as anything waits.
    this.#pieces.fill(NOTHING, this.#first, end);
    this.#first = end;
    // Not each time: moving the rest of a long backlog for every write would cost its square.
    if (2 * end >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(end);
      this.#first = 0;
    }
    const [only = NOTHING] = taken;
    return taken.length > 1 ? concatBytes(taken) : only;
  }

  #endOfNext(): number {
    let end = this.#first;
    let bytes = 0;
    for (; end < this.#pieces.length; end++) {
      const { length = 0 } = this.#pieces[end] ?? NOTHING;
      bytes += length;
      if (end > this.#first && (length >= LARGE_BYTES || bytes > JOINED_BYTES)) break;
      if (length >= LARGE_BYTES) return end + 1;
    }
    return end;
  }
}
