import { earliest } from "../protocol/earliest.ts";
import type { NameKey } from "../protocol/name.ts";
import type { Invite } from "./invites.ts";
import { CROSSED_MS, LATE_OFFER_MS } from "./limits.ts";

/**
 * Offers of others that met one of ours on the way: which of them still counts. No sockets, no clock.
 *
 * The one from the lower name is used; the other is kept here in case the first comes to nothing.
 */
export class CrossedOffers {
  /** Those that lost to ours. */
  readonly #lost = new Map<NameKey, { invite: Invite; since: number }>();
  /** Until when a peer's offer may still be one that crossed ours, after the chat was opened by ours. */
  readonly #late = new Map<NameKey, number>();

  /** An offer lost to ours, for the first time or again. */
  lost(invite: Invite, now: number): void {
    const since = this.#lost.get(invite.key)?.since ?? now;
    this.#lost.set(invite.key, { invite, since });
  }

  /** The offer of `key` that lost. */
  get(key: NameKey): Invite | undefined {
    return this.#lost.get(key)?.invite;
  }

  /** The same, once ours has had its time. */
  due(key: NameKey, now: number): Invite | undefined {
    const crossed = this.#lost.get(key);
    return crossed && now >= crossed.since + CROSSED_MS ? crossed.invite : undefined;
  }

  /** When the next of them is due. */
  nextTimeout(): number | undefined {
    return earliest(Array.from(this.#lost.values(), ({ since }) => since + CROSSED_MS));
  }

  /** Our offer is over: none has lost to it any more. */
  forgetLost(key: NameKey): void {
    this.#lost.delete(key);
  }

  /** The chat was opened by our offer. */
  openedByOurs(key: NameKey, now: number): void {
    this.#late.set(key, now + LATE_OFFER_MS);
  }

  /** Whether an offer of `key` was sent before its sender heard of the chat that is open. */
  isLate(key: NameKey, now: number): boolean {
    return now < (this.#late.get(key) ?? 0);
  }

  /** The chat is over, or the user another one: an offer is a new one. */
  forgetLate(key: NameKey): void {
    this.#late.delete(key);
  }
}
