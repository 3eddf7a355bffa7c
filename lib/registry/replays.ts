import { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import { FRAME_HEADER_BYTES } from "../protocol/frame.ts";
import { parseServerMessage } from "../protocol/message.ts";
import type { ReplayAnswer, ReplayRequest } from "../protocol/replay.ts";
import { decodeUtf8 } from "../protocol/utf8.ts";
import type { FrameSource } from "./catch_up.ts";
import type { Connection } from "./connection.ts";
import { encodeMessage } from "./encoding.ts";
import type { Remembered } from "./history.ts";
import type { RegistryParts } from "./parts.ts";

/** Gives newcomers what was said before they came: the last broadcasts, from the ring that serves RESUME. */
export class Replays {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /**
   * A session asks, once.
   *
   * @throws {ProtocolError} `not-registered`; `bad-message` the second time
   */
  asked(connection: Connection, { count }: ReplayRequest): void {
    const { fanout, lasting } = this.#parts;
    const session = lasting.get(connection.id);
    if (!session) throw new ProtocolError("not-registered", "register first");
    if (session.isReplayed) throw badMessage("that was asked for before");
    session.isReplayed = true;
    fanout.replay(connection.id, new Replay(this.#parts, count, session.since));
  }
}

/** One answer to REPLAY, made as it is read: what the ring has lost by then is left out. */
class Replay implements FrameSource {
  readonly #parts: RegistryParts;
  readonly #last: number;
  readonly #count: number;
  /** Of the next one. */
  #number: number;
  #told = 0;
  #stage: "begin" | "past" | "over" = "begin";

  /** @param last the number of the last broadcast before the session came: later ones are in its stream */
  constructor(parts: RegistryParts, count: number, last: number) {
    const { log: { history }, options: { replay } } = parts;
    this.#parts = parts;
    this.#last = last;
    this.#number = Math.max(history.first, last + 1 - Math.min(count, replay));
    this.#count = Math.max(0, last + 1 - this.#number);
  }

  next(): Uint8Array | undefined {
    const { options: { replay: limit } } = this.#parts;
    switch (this.#stage) {
      case "begin":
        this.#stage = "past";
        return encode({ verb: "REPLAYING", count: this.#count, limit });
      case "past": {
        const past = this.#next();
        if (past) return this.#past(past);
        this.#stage = "over";
        return encode({ verb: "REPLAYED", count: this.#told });
      }
      case "over":
        return undefined;
    }
  }

  #next(): Remembered | undefined {
    const { history } = this.#parts.log;
    this.#number = Math.max(this.#number, history.first);
    return this.#number > this.#last ? undefined : history.get(this.#number++);
  }

  #past({ number, at, said }: Remembered): Uint8Array {
    const message = parseServerMessage(decodeUtf8(said.subarray(FRAME_HEADER_BYTES)));
    if (message.verb !== "SAID") throw new TypeError("Cannot replay what is no SAID");
    const { username, text } = message;
    const age = Math.max(0, Math.floor((this.#parts.clock.now - at) / 1_000));
    this.#told++;
    return encode({ verb: "PAST", number, age, username, text });
  }
}

function encode(message: ReplayAnswer): Uint8Array {
  return encodeMessage("framed", message);
}
