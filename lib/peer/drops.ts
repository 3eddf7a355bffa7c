/** Why something that arrived was dropped without a word: every reason there is. */
export const DROP_REASONS = [
  /** Not a datagram of the protocol. */
  "malformed",
  /** An observation, for which we have not asked. */
  "unasked",
  /** An offer of nobody in the room. */
  "unknown-sender",
  /** An offer from another address than its sender's. */
  "wrong-source",
  /** An offer without signature under a name that has a key. */
  "unsigned",
  /** A signed offer under a name that has none. */
  "no-key",
  /** An offer for somebody else, or for another session. */
  "wrong-target",
  /** An offer that its sender has not signed. */
  "bad-signature",
  /** An offer that was here before, or is older than one that was. */
  "replayed",
  /** More offers in one name than anybody makes. */
  "flood",
  /** Somebody whom our user wants to hear nothing of. */
  "blocked",
  /** Somebody whose key is not the one we know. */
  "key-changed",
  /** A private link that begins in the classic way, under a name that has a key. */
  "classic-link",
  /** The original program's, which our user does not want. */
  "no-classic",
] as const;

/** One of {@linkcode DROP_REASONS}. */
export type DropReason = typeof DROP_REASONS[number];

/** Counts what was dropped, for who wants to know whether somebody is at work. */
export class Drops {
  readonly #counts = new Map<DropReason, number>();

  /** One more. */
  count(reason: DropReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** How many for each reason that there was. */
  get counts(): Readonly<Partial<Record<DropReason, number>>> {
    return Object.fromEntries(this.#counts);
  }
}
