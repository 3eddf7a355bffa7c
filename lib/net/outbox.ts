import { concatBytes } from "../protocol/bytes.ts";

/** The writing half of a connection, as `Deno.Conn` has it. */
export interface ByteWriter {
  /** Writes some of `bytes`, at least one; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * What waits to be written to one connection.
 *
 * - {@linkcode send} never blocks and never reorders.
 * - At most one write is in flight: two at once would interleave on the wire.
 * - While one is in flight, what is sent collects and goes out in one joined write.
 * - Nothing is dropped but by {@linkcode replace}, or after a write failed.
 * - Bytes are not copied: never change an array after it was sent.
 */
export class Outbox {
  readonly #writer: ByteWriter;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #inFlightBytes = 0;
  #failed = false;
  #written = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /** Bytes held here: not yet taken by the system, those of the write in flight included. */
  get queued(): number {
    return this.#waitingBytes + this.#inFlightBytes;
  }

  /** Bytes that the system has taken so far: it grows as long as the other side reads. */
  get written(): number {
    return this.#written;
  }

  /** Whether a write has failed: nobody gets anything any more. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Queues `bytes`; after a failed write they are dropped, as there is nobody to get them. */
  send(bytes: Uint8Array): void {
    if (this.#failed || bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#inFlightBytes === 0) this.#pump();
  }

  /** Drops what waits behind the write in flight and queues `last` alone, if given. */
  replace(last?: Uint8Array): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (last) this.send(last);
  }

  /** Resolves when nothing is queued any more: all written, or a write failed. Never rejects. */
  drained(): Promise<void> {
    if (this.queued === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  async #pump(): Promise<void> {
    try {
      while (this.#waitingBytes > 0) {
        let bytes = this.#takeAll();
        while (bytes.length > 0) {
          this.#inFlightBytes = bytes.length;
          const count = await this.#writer.write(bytes);
          this.#written += count;
          bytes = bytes.subarray(count);
        }
        this.#inFlightBytes = 0;
      }
    } catch {
      // The reading half sees the end of the connection and tells; there is no second way to tell it.
      this.#failed = true;
      this.#inFlightBytes = 0;
      this.replace();
    }
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #takeAll(): Uint8Array {
    const [first] = this.#waiting;
    const all = first && this.#waiting.length === 1 ? first : concatBytes(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }
}
