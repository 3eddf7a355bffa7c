import { RunningHash } from "../crypto/running_hash.ts";
import { badMessage } from "../protocol/fields.ts";
import type { PipeMessage } from "../protocol/pipe.ts";
import { PipeWire, type PipeWireHandler } from "./pipe_wire.ts";
import type { SealedLinkOptions } from "./sealed_link.ts";

/** What the end that takes bytes reports. */
export interface PipeSinkHandler extends PipeWireHandler {
  /** Bytes, in memory of their own. */
  bytes(bytes: Uint8Array): void;
  /** No more come, and they are those that were sent. */
  complete(): void;
}

/** The end of a link for bytes that takes them. */
export class PipeSink extends PipeWire {
  readonly #handler: PipeSinkHandler;
  readonly #hash = new RunningHash();
  #total = 0;
  #given = 0;
  #isComplete = false;

  constructor(options: SealedLinkOptions, handler: PipeSinkHandler) {
    super(options, handler);
    this.#handler = handler;
  }

  override get total(): number {
    return this.#total;
  }

  /** So many bytes in all were given away. */
  gave(total: number): void {
    this.#given = total;
  }

  /** All were given away: the sender may be told, and this is over. */
  delivered(): void {
    if (!this.link.isOpen || !this.#isComplete) return;
    this.#given = this.#total;
    this.say({ verb: "DONE", total: this.#total, hash: this.#hash.digest });
    this.#handler.closed("done");
  }

  protected override get told(): number {
    return this.#given;
  }

  protected override heard(message: Exclude<PipeMessage, { verb: "CLOSE" }>): void {
    switch (message.verb) {
      case "DATA":
        if (this.#isComplete) throw badMessage("bytes after the end");
        this.#hash.update(message.bytes);
        this.#total += message.bytes.length;
        return this.#handler.bytes(message.bytes);
      case "ALIVE":
        if (message.total !== this.#total) throw badMessage("not what has come");
        return;
      case "END":
        if (this.#isComplete) throw badMessage("a second end");
        if (message.total !== this.#total) throw badMessage("not what has come");
        if (message.hash !== this.#hash.digest) return this.link.giveUp("hash-differs");
        this.#isComplete = true;
        return this.#handler.complete();
      case "DONE":
        throw badMessage("not of a sender");
    }
  }
}
