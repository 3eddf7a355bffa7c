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
  PASS_AFTER_MS,
  PENDING_MS,
  RELAY_AFTER_MS,
} from "./limits.ts";

/** What an offer wants done. */
export type OfferDue = "send" | "pass" | "meet" | "no-answer" | "expired";

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
  /** When to send it through the registry, too; and when to ask that for a link. */
  #passAt: number | undefined;
  #meetAt: number | undefined;
  #hasMet = false;
  /** Whether the last answer came through the registry. */
  #isPassed = false;
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
    if (this.#mayRelay) this.#passAt = now + PASS_AFTER_MS;
    this.#deadline = now + (this.peer.key ? GIVE_UP_KEYED_MS : GIVE_UP_CLASSIC_MS);
  }

  /** The peer is not ready for it: the first one goes out at `until`. */
  postpone(until: number): void {
    if (this.#sent > 0) return;
    this.#deadline += until - this.#startedAt;
    this.#startedAt = until;
    this.#nextSend = until;
  }

  /**
   * The peer answered, and gets no more unasked repeats.
   *
   * @param isPassed whether through the registry: a datagram may not get through
   */
  answered(state: OfferState, now: number, isPassed = false): void {
    this.#passAt = undefined;
    this.#isPassed = isPassed;
    if (state === "pending") {
      if (!this.#heard) this.#deadline = now + PENDING_MS;
      this.#onTimeout = "expired";
      this.#nextSend = now + OFFER_POLL_MS;
    } else if (state === "accepted") {
      this.#nextSend = undefined;
      this.#deadline = now + LINK_MS;
      // One that came by the registry's hand has been waiting for long enough.
      const meetAt = isPassed ? now : now + RELAY_AFTER_MS;
      if (this.#mayRelay && !this.#hasMet) {
        this.#meetAt = Math.min(this.#meetAt ?? Infinity, meetAt);
      }
      this.#onTimeout = "no-answer";
    }
    this.#heard = true;
  }

  get #mayRelay(): boolean {
    return this.peer.key !== undefined && this.purpose === undefined;
  }

  /** When {@linkcode due} has something to say. */
  nextTimeout(): number | undefined {
    const times = [this.#nextSend, this.#passAt, this.#meetAt].map((time) => time ?? Infinity);
    const at = Math.min(...times, this.#deadline);
    return at === Infinity ? undefined : at;
  }

  /** What is due at `now`; ask until `undefined`. */
  due(now: number): OfferDue | undefined {
    if (this.#deadline <= now) return this.#onTimeout;
    if (this.#passAt !== undefined && this.#passAt <= now) {
      this.#passAt = undefined;
      return "pass";
    }
    if (this.#meetAt !== undefined && this.#meetAt <= now) {
      this.#meetAt = undefined;
      this.#hasMet = true;
      return "meet";
    }
    if (this.#nextSend === undefined || this.#nextSend > now) return undefined;
    this.#sent++;
    const next = this.#times[this.#sent];
    // Where datagrams do not get through, each later repeat goes the other way as well.
    const isLate = now >= this.#startedAt + PASS_AFTER_MS;
    if (this.#mayRelay && isLate && (this.#isPassed || !this.#heard)) this.#passAt = now;
    if (this.#heard) this.#nextSend = now + OFFER_POLL_MS;
    else this.#nextSend = next === undefined ? undefined : this.#startedAt + next;
    return "send";
  }
}
