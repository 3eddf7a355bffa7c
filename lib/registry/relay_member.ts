import { TokenBucket } from "../protocol/token_bucket.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import type { Recipient } from "./feed.ts";
import {
  MAX_LINKS_OF_SESSION,
  PASSED_BURST,
  PASSED_PER_SECOND,
  RELAY_WEIGHT_BURST,
  RELAY_WEIGHT_PER_SECOND,
  RELAY_WINDOW,
} from "./limits.ts";
import type { RelayEnd } from "./relay_end.ts";
import { linkOf, namesLink } from "./relay_frames.ts";
import type { SessionId } from "./room.ts";

/** A connection, as far as a relay needs one. */
export interface RelayRecipient extends Recipient {
  readonly id: SessionId;
}

/** One that may come into the room. */
export interface RelayConnection extends RelayRecipient {
  /** What it may speak of links with. */
  readonly session: { isRelaying: boolean };
  readonly proof: { readonly relayKey: string | undefined };
}

/** Somebody in the room, while connected: what it may say on its links, and what waits for it there. */
export class RelayMember {
  readonly recipient: RelayRecipient;
  /** Of the roster. */
  readonly session: string;
  /** The public key that was proven, if the capability was told; whoever has none is no part of any link. */
  readonly key: string | undefined;
  /** Where it may speak. */
  readonly ends: RelayEnd[] = [];
  /** Of links that wait for the other one: where each stands among all meetings. */
  readonly waiting = new Map<string, string>();
  /** Ends that have something for it, in the order of their turns. */
  readonly ready: RelayEnd[] = [];
  /** What may still come on links that are over, as it was under way. */
  readonly #late = new BoundedMap<string, number>(MAX_LINKS_OF_SESSION);
  readonly #spoken: TokenBucket | undefined;
  readonly #passed: TokenBucket | undefined;

  constructor(
    recipient: RelayRecipient,
    session: string,
    key: string | undefined,
    isHeld: boolean,
  ) {
    this.recipient = recipient;
    this.session = session;
    this.key = key;
    if (!isHeld) return;
    this.#spoken = new TokenBucket(RELAY_WEIGHT_PER_SECOND, RELAY_WEIGHT_BURST);
    this.#passed = new TokenBucket(PASSED_PER_SECOND, PASSED_BURST);
  }

  /** Where it may speak on the link that a payload names. */
  endOf(payload: Uint8Array): RelayEnd | undefined {
    for (const end of this.ends) if (namesLink(payload, end.digits)) return end;
    return undefined;
  }

  /** Whether it may say so much now. */
  mayTell(weight: number, now: number): boolean {
    return this.#spoken?.take(weight, now) ?? true;
  }

  /** Whether it may be passed one more datagram now. */
  mayBePassed(now: number): boolean {
    return !this.recipient.isBusy && (this.#passed?.take(1, now) ?? true);
  }

  /** A link is over: what was under way is not held against it. */
  lost(link: string): void {
    this.#late.set(link, RELAY_WINDOW);
  }

  /** A link begins, maybe one of that name again. */
  began(end: RelayEnd): void {
    this.#late.delete(end.link);
    this.ends.push(end);
  }

  /** Whether it had that link not long ago. */
  knew(link: string): boolean {
    return this.#late.get(link) !== undefined;
  }

  /** Whether a payload was under way when its link ended. */
  isLate(payload: Uint8Array, weight: number): boolean {
    const link = linkOf(payload);
    const left = this.#late.get(link);
    if (left === undefined || left < weight) return false;
    this.#late.set(link, left - weight);
    return true;
  }
}
