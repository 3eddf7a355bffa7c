import { RunningHash } from "../crypto/running_hash.ts";
import { badMessage } from "../protocol/fields.ts";
import { DATA_PREFIX_BYTES, newDataRoom, type PipeMessage } from "../protocol/pipe.ts";
import { PipeWire, type PipeWireHandler } from "./pipe_wire.ts";
import type { SealedLinkOptions } from "./sealed_link.ts";

/** The end of a link for bytes that sends them. */
export class PipeSource extends PipeWire {
  readonly #handler: PipeWireHandler;
  readonly #hash = new RunningHash();
  readonly #room = newDataRoom();
  #total = 0;
  #confirmed = 0;
  #hasEnded = false;

  constructor(options: SealedLinkOptions, handler: PipeWireHandler) {
    super(options, handler);
    this.#handler = handler;
  }

  override get total(): number {
    return this.#total;
  }

  /** How many bytes the receiver has told that it has given away. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Where to put the next bytes, for {@linkcode filled}: always the same memory, which saves a copy. */
  get room(): Uint8Array {
    return this.#room.subarray(DATA_PREFIX_BYTES);
  }

  /** Sends the first `count` bytes in {@linkcode room}, 1 or more. */
  filled(count: number): void {
    if (!this.link.isOpen || this.#hasEnded) return;
    const payload = this.#room.subarray(0, DATA_PREFIX_BYTES + count);
    this.#hash.update(payload.subarray(DATA_PREFIX_BYTES));
    this.#total += count;
    this.link.send(payload);
  }

  /** There are no more bytes: the receiver has to say that it has the same. */
  end(): void {
    if (!this.link.isOpen || this.#hasEnded) return;
    this.#hasEnded = true;
    this.say({ verb: "END", total: this.#total, hash: this.#hash.digest });
  }

  protected override get told(): number {
    return this.#total;
  }

  protected override heard(message: Exclude<PipeMessage, { verb: "CLOSE" }>): void {
    if (message.verb !== "ALIVE" && message.verb !== "DONE") throw badMessage("not of a receiver");
    const { total } = message;
    if (total < this.#confirmed || total > this.#total) throw badMessage("not what was sent");
    if (message.verb === "ALIVE") {
      this.#confirmed = total;
      return;
    }
    if (!this.#hasEnded || total !== this.#total) throw badMessage("done too early");
    if (message.hash !== this.#hash.digest) return this.link.giveUp("hash-differs");
    this.#confirmed = total;
    this.#handler.closed("done");
  }
}
