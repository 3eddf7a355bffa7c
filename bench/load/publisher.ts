import { encodeFrame } from "../../lib/protocol/frame.ts";
import { RUN_DIGITS } from "../../lib/protocol/delivery.ts";
import { randomHex } from "../../lib/crypto/random.ts";
import type { ClientKind, Member } from "./member.ts";
import { STAMP_BYTES, writeStamp } from "./stamp.ts";

/** The count of a run's first message: all that follow have as many digits, so all frames are of one length. */
const FIRST_COUNT = 1_000_000_001;
const COUNT_DIGITS = String(FIRST_COUNT).length;

/** A member who speaks. Its messages are one frame whose numbers are changed. */
export class Publisher {
  readonly #member: Member;
  readonly #index: number;
  readonly #template: Uint8Array;
  readonly #countAt: number | undefined;
  readonly #textAt: number;
  /** What was said and not sent; what is sent is copied out of it. */
  readonly #batch: Uint8Array;
  #batched = 0;
  #said = 0;

  /**
   * @param index of this publisher in its room
   * @param bytes of each text
   * @param most messages that are written together
   */
  constructor(member: Member, kind: ClientKind, index: number, bytes: number, most: number) {
    if (bytes < STAMP_BYTES) throw new RangeError(`Cannot say ${bytes} bytes: ${STAMP_BYTES}`);
    const text = "x".repeat(bytes);
    const head = kind === "resume"
      ? `SAY:${randomHex(RUN_DIGITS)}.${FIRST_COUNT}`
      : `BROADCAST:${member.name}`;
    this.#member = member;
    this.#index = index;
    this.#template = encodeFrame(`${head}:${bytes}:${text}`);
    this.#textAt = this.#template.length - bytes;
    this.#countAt = kind === "resume"
      ? this.#textAt - `${bytes}`.length - ":".length * 2 - COUNT_DIGITS
      : undefined;
    this.#batch = new Uint8Array(most * this.#template.length);
  }

  /** How many messages it has said. */
  get said(): number {
    return this.#said;
  }

  /** Says a message, with the time in whole microseconds; it is sent by {@linkcode flush}. */
  say(time: number): void {
    const at = this.#batched;
    this.#batch.set(this.#template, at);
    if (this.#countAt !== undefined) writeCount(this.#batch, at + this.#countAt, this.#said);
    writeStamp(this.#batch, at + this.#textAt, this.#index, this.#said, time);
    this.#batched += this.#template.length;
    this.#said++;
    if (this.#batched === this.#batch.length) this.flush();
  }

  /** Sends what was said. */
  flush(): void {
    if (this.#batched === 0) return;
    this.#member.write(this.#batch.slice(0, this.#batched));
    this.#batched = 0;
  }
}

function writeCount(bytes: Uint8Array, at: number, said: number): void {
  let count = FIRST_COUNT + said;
  for (let i = COUNT_DIGITS - 1; i >= 0; i--) {
    bytes[at + i] = 0x30 + count % 10;
    count = Math.floor(count / 10);
  }
}
