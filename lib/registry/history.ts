import type { MessageId } from "../protocol/delivery.ts";
import { HISTORY_BYTES, HISTORY_MESSAGES } from "./limits.ts";

/** A broadcast as it is remembered: its text in `said` alone. */
export interface Remembered {
  readonly number: number;
  /** How many joins and leaves came before it. */
  readonly presence: number;
  /** Its sender's session id in the roster. */
  readonly session: string;
  readonly id: MessageId | undefined;
  /** When it was said: milliseconds of the registry's clock. */
  readonly at: number;
  /** Encoded as SAID. */
  readonly said: Uint8Array;
}

/** The last broadcasts of the room, for those who have missed some: a bounded ring. */
export class History {
  /** Free places are empty, or their bytes would stay. */
  readonly #ring: (Remembered | undefined)[] = [];
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  /** Index of the oldest in the ring, and how many there are. */
  #oldest = 0;
  #size = 0;
  #bytes = 0;
  /** Of the last broadcast, whether it is kept or not. */
  #last = 0;

  constructor(maxMessages = HISTORY_MESSAGES, maxBytes = HISTORY_BYTES) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** The number of the last broadcast, whether it is kept or not. */
  get last(): number {
    return this.#last;
  }

  /** The lowest number that is kept, or would be: what is below it and was said is gone. */
  get first(): number {
    return this.#last - this.#size + 1;
  }

  /** Keeps the next broadcast, and forgets the oldest ones where there are too many. */
  add(broadcast: Remembered): void {
    if (this.#size === this.#maxMessages) this.#forgetOldest();
    this.#ring[(this.#oldest + this.#size) % this.#maxMessages] = broadcast;
    this.#size++;
    this.#bytes += broadcast.said.length;
    this.#last = broadcast.number;
    // The newest is kept, whatever its size.
    while (this.#bytes > this.#maxBytes && this.#size > 1) this.#forgetOldest();
  }

  /** Forgets all broadcasts, up to that number. */
  clear(number: number): void {
    this.#ring.length = 0;
    this.#oldest = 0;
    this.#size = 0;
    this.#bytes = 0;
    this.#last = number;
  }

  /** The broadcast with that number, if it is kept. */
  get(number: number): Remembered | undefined {
    const index = number - this.first;
    if (index < 0 || index >= this.#size) return undefined;
    return this.#ring[(this.#oldest + index) % this.#maxMessages];
  }

  #forgetOldest(): void {
    this.#bytes -= this.#ring[this.#oldest]?.said.length ?? 0;
    this.#ring[this.#oldest] = undefined;
    this.#oldest = (this.#oldest + 1) % this.#maxMessages;
    this.#size--;
  }
}
