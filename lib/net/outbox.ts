import { Backlog } from "./backlog.ts";
import type { UntriedWrites, WriteRound } from "./untried_writes.ts";

/** The writing half of a connection, as `Deno.Conn` has it. */
export interface ByteWriter {
  /** Writes some of `bytes`, at least one; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Who was told to wait may send again once so many bytes or fewer are queued: one full write, so that the
 * connection does not run dry until more comes, and a quarter of what the registry lets wait for a client.
 */
export const LOW_WATER_BYTES = 65_536;

/** What an {@linkcode Outbox} tells, and to whom. */
export interface OutboxOptions {
  /**
   * Called when {@linkcode Outbox.queued} has fallen to {@linkcode LOW_WATER_BYTES} or less after it was above, because
   * it was written; never from within {@linkcode Outbox.send}.
   */
  readonly onLowWater?: () => void;
  /** Told of the writes that are begun. */
  readonly untried?: UntriedWrites | undefined;
}

const NOTHING = new Uint8Array(0);

/**
 * What waits to be written to one connection.
 *
 * - {@linkcode send} MUST NOT block, and MUST NOT reorder.
 * - There MUST be at most one write in flight: two at once would interleave on the wire. A partial one is continued
 *   before anything else.
 * - It MUST NOT drop anything but by {@linkcode replace}, or once a write has failed.
 * - An array MUST NOT be changed after it was sent: it is not copied. Small ones that collect behind a write are joined
 *   into the next, large ones are written by themselves (see {@linkcode Backlog}).
 * - {@linkcode queued} MUST be what the system has not taken yet, as far as it has told.
 */
export class Outbox {
  readonly #writer: ByteWriter;
  readonly #onLowWater: (() => void) | undefined;
  readonly #untried: UntriedWrites | undefined;
  readonly #backlog = new Backlog();
  /** What is left of the write in flight; empty if there is none. */
  #inFlight: Uint8Array = NOTHING;
  /** Until the write in flight was tried. */
  #round: WriteRound | undefined;
  #queued = 0;
  #written = 0;
  #isHigh = false;
  #failed = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(writer: ByteWriter, { onLowWater, untried }: OutboxOptions = {}) {
    this.#writer = writer;
    this.#onLowWater = onLowWater;
    this.#untried = untried;
  }

  /** Bytes held here: not yet taken by the system, those of the write in flight included. */
  get queued(): number {
    return this.#queued;
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
    this.#queued += bytes.length;
    if (this.#queued > LOW_WATER_BYTES) this.#isHigh = true;
    if (this.#inFlight.length > 0) return this.#backlog.push(bytes);
    this.#round = this.#untried?.begun();
    this.#write(bytes);
  }

  /** Drops what waits behind the write in flight and queues `last` alone, if given. */
  replace(last?: Uint8Array): void {
    this.#backlog.clear();
    this.#queued = this.#inFlight.length;
    this.#isHigh = false;
    if (last) this.send(last);
  }

  /** Resolves when nothing is queued any more: all written, or a write failed. Never rejects. */
  drained(): Promise<void> {
    if (this.#queued === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  #write(bytes: Uint8Array): void {
    this.#inFlight = bytes;
    this.#writer.write(bytes).then((count) => this.#taken(count), () => this.#fail());
  }

  #taken(count: number): void {
    this.#tried();
    this.#queued -= count;
    this.#written += count;
    if (count < this.#inFlight.length) this.#write(this.#inFlight.subarray(count));
    else if (this.#backlog.isEmpty) this.#rest();
    else this.#write(this.#backlog.take());
    if (!this.#isHigh || this.#queued > LOW_WATER_BYTES) return;
    this.#isHigh = false;
    this.#onLowWater?.();
  }

  #fail(): void {
    this.#tried();
    // The reading half sees the end of the connection and tells; there is no second way to tell it.
    this.#failed = true;
    this.#rest();
    this.replace();
  }

  /** Nothing is in flight. */
  #rest(): void {
    this.#inFlight = NOTHING;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Only the first try of a write that `send` began counts: what follows waits for a reader. */
  #tried(): void {
    if (this.#round !== undefined) this.#untried?.tried(this.#round);
    this.#round = undefined;
  }
}
