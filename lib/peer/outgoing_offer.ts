import type { OfferState } from "../protocol/datagram.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { NameKey } from "../protocol/name.ts";
import {
  GIVE_UP_CLASSIC_MS,
  GIVE_UP_KEYED_MS,
  LINK_MS,
  OFFER_POLL_MS,
  OFFER_TIMES_CLASSIC,
  OFFER_TIMES_KEYED,
  PENDING_MS,
} from "./limits.ts";

/** What an offer wants done. */
export type OfferDue = "send" | "no-answer" | "expired";

/** One offer of ours, from the listening port to the link or the end. No sockets, no clock. */
export class OutgoingOffer {
  readonly id: string;
  readonly key: NameKey;
  readonly peer: KeyedUser;
  /** Higher than that of all our offers before. */
  readonly counter: number;
  /** What its link is for; a chat where `undefined`. */
  readonly purpose: "pipe" | undefined;
  /** Where we listen for it; `undefined` until we do. */
  tcpPort: number | undefined;
  readonly #times: readonly number[];
  #sent = 0;
  #startedAt = 0;
  #nextSend: number | undefined;
  #deadline = Infinity;
  #heard = false;
  #onTimeout: "no-answer" | "expired" = "no-answer";

  constructor(id: string, key: NameKey, peer: KeyedUser, counter: number, purpose?: "pipe") {
    this.id = id;
    this.key = key;
    this.peer = peer;
    this.counter = counter;
    this.purpose = purpose;
    this.#times = peer.key ? OFFER_TIMES_KEYED : OFFER_TIMES_CLASSIC;
  }

  /** The port is there: begin. */
  listening(tcpPort: number, now: number): void {
    this.tcpPort = tcpPort;
    this.#startedAt = now;
    this.#nextSend = now;
    this.#deadline = now + (this.peer.key ? GIVE_UP_KEYED_MS : GIVE_UP_CLASSIC_MS);
  }

  /** The peer is not ready for it: the first one goes out at `until`. */
  postpone(until: number): void {
    if (this.#sent > 0) return;
    this.#deadline += until - this.#startedAt;
    this.#startedAt = until;
    this.#nextSend = until;
  }

  /** The peer answered, and gets no more unasked repeats. */
  answered(state: OfferState, now: number): void {
    if (state === "pending") {
      if (!this.#heard) this.#deadline = now + PENDING_MS;
      this.#onTimeout = "expired";
      this.#nextSend = now + OFFER_POLL_MS;
    } else if (state === "accepted") {
      this.#nextSend = undefined;
      this.#deadline = now + LINK_MS;
      this.#onTimeout = "no-answer";
    }
    this.#heard = true;
  }

  /** When {@linkcode due} has something to say. */
  nextTimeout(): number | undefined {
    const at = Math.min(this.#nextSend ?? Infinity, this.#deadline);
    return at === Infinity ? undefined : at;
  }

  /** What is due at `now`; ask until `undefined`. */
  due(now: number): OfferDue | undefined {
    if (this.#deadline <= now) return this.#onTimeout;
    if (this.#nextSend === undefined || this.#nextSend > now) return undefined;
    this.#sent++;
    const next = this.#times[this.#sent];
    if (this.#heard) this.#nextSend = now + OFFER_POLL_MS;
    else this.#nextSend = next === undefined ? undefined : this.#startedAt + next;
    return "send";
  }
}
