import {
  formatRelay,
  MAX_RELAY_DATA,
  type Met,
  MIN_RELAY_WEIGHT,
  type Relayed,
  relayWeight,
  type Taken,
} from "../protocol/relay.ts";
import { RELAY_TAKEN_AFTER_MS, RELAY_TAKEN_SHARE } from "./limits.ts";
import type { LinkId } from "./port.ts";

/** What is around the data of a RELAY, as bytes. */
const RELAY_AROUND = formatRelay({ verb: "RELAY", link: "0".repeat(32), data: "" }).length;
/** Three bytes are four characters of base64. */
const [BYTES, CHARACTERS] = [3, 4];

/** One private link through the registry, our end of it: what waits, and what may be sent. No clock. */
export class RelayLink {
  readonly id: LinkId;
  /** Its name: that of the offer. */
  readonly name: string;
  /** The session that it is with. */
  readonly session: string;
  /** What the registry takes on it; `undefined` until it is open. */
  #terms: Pick<Met, "window" | "total" | "rate"> | undefined;
  /** Chunks of what we have to say, and how much of the first has been sent. */
  #queue: Uint8Array[] = [];
  #begun = 0;
  #queued = 0;
  /** Weight that we have said, and that the other one has taken of it. */
  #sent = 0;
  #theirs = 0;
  /** Weight that we have taken, that the other one was told of, and since when there is more. */
  #taken = 0;
  #told = 0;
  #since: number | undefined;

  constructor(id: LinkId, name: string, session: string) {
    this.id = id;
    this.name = name;
    this.session = session;
  }

  /** Whether both have asked for it. */
  get isOpen(): boolean {
    return this.#terms !== undefined;
  }

  /** Bytes that wait. */
  get queued(): number {
    return this.#queued;
  }

  /** The registry has opened it. */
  met(terms: Met): void {
    this.#terms = terms;
  }

  /** Has something to say. */
  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queued += bytes.length;
  }

  /** What came on it, as bytes. */
  came(relay: Relayed, now: number): Uint8Array {
    this.#taken += relayWeight(formatRelay(relay).length);
    this.#since ??= now;
    return Uint8Array.fromBase64(relay.data);
  }

  /** The other one has taken so much in all; says whether that can be. */
  theyTook(count: number): boolean {
    if (count < this.#theirs || count > this.#sent) return false;
    this.#theirs = count;
    return true;
  }

  /** When {@linkcode due} has something to say. */
  nextTimeout(): number | undefined {
    return this.#since === undefined ? undefined : this.#since + RELAY_TAKEN_AFTER_MS;
  }

  /** What we have taken, if the other one has to be told at `now`. */
  due(now: number): Taken | undefined {
    const { window = 0 } = this.#terms ?? {};
    const news = this.#taken - this.#told;
    const isDue = news > 0 && news >= window * RELAY_TAKEN_SHARE;
    if (!isDue && (this.nextTimeout() ?? Infinity) > now) return undefined;
    return { verb: "TAKEN", link: this.name, count: this.#taken };
  }

  /** It was said. */
  told(): void {
    this.#told = this.#taken;
    this.#since = undefined;
  }

  /**
   * The next RELAY that window and total have room for, and what it weighs; `spent` if the link has carried all that it
   * may.
   */
  next(): { readonly relay: Relayed; readonly weight: number } | "spent" | undefined {
    if (!this.#terms || this.#queued === 0) return undefined;
    const { window, total, rate } = this.#terms;
    const left = total === 0 ? Infinity : total - this.#sent;
    if (left < MIN_RELAY_WEIGHT) return "spent";
    const room = Math.min(window - (this.#sent - this.#theirs), left, rate || Infinity);
    if (room < MIN_RELAY_WEIGHT) return undefined;
    const characters = Math.min(MAX_RELAY_DATA, room - RELAY_AROUND);
    const data = this.#peek(BYTES * Math.floor(characters / CHARACTERS)).toBase64();
    const relay: Relayed = { verb: "RELAY", link: this.name, data };
    return { relay, weight: relayWeight(formatRelay(relay).length) };
  }

  /** It was sent. */
  sent({ data }: Relayed, weight: number): void {
    this.#sent += weight;
    let count = Uint8Array.fromBase64(data).length;
    this.#queued -= count;
    while (count > 0) {
      const [first] = this.#queue;
      if (!first) return;
      const step = Math.min(count, first.length - this.#begun);
      count -= step;
      this.#begun += step;
      if (this.#begun < first.length) return;
      this.#queue.shift();
      this.#begun = 0;
    }
  }

  #peek(most: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(most, this.#queued));
    let at = 0;
    let from = this.#begun;
    for (const chunk of this.#queue) {
      const part = chunk.subarray(from, from + bytes.length - at);
      bytes.set(part, at);
      at += part.length;
      from = 0;
      if (at === bytes.length) break;
    }
    return bytes;
  }
}
