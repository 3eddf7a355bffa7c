/** What ends a session and is told by the one who ends it: `docs/PROTOCOL.md` 9.4. */
export const TOLD_REASONS = [
  ...["quit", "closed", "replaced", "slow", "blocked", "key-changed"],
  ...["bad-tag", "bad-frame", "bad-message", "too-long"],
  // Of a link for bytes: they are not those that were sent; whoever reads the receiver's output does not any more.
  ...["hash-differs", "output-closed"],
] as const;

/** Why a private chat is over, or never opened: every reason there is. */
export const SESSION_REASONS = [
  ...TOLD_REASONS,
  // The link broke, or began with another name.
  ...["lost", "bad-name"],
  // It never opened.
  ...["rejected", "expired", "no-answer", "unreachable", "left"],
] as const;

/** One of {@linkcode SESSION_REASONS}. */
export type SessionReason = typeof SESSION_REASONS[number];

/** What a peer gives as its reason; one that a later version knows is `closed`. */
export function reasonOf(text: string): SessionReason {
  return TOLD_REASONS.find((reason) => reason === text) ?? "closed";
}

/** Why what we dialled came to nothing, for people. */
export function dialFailure(name: string, ip: string, reason: SessionReason): string {
  switch (reason) {
    case "bad-tag":
      return `Who answers at ${ip} is not ${name}`;
    case "unreachable":
    case "no-answer":
    case "lost":
      return `Cannot reach ${name} at ${ip}; the offer may be withdrawn (/why ${name} tells more)`;
    default:
      return `The chat with ${name} came to nothing (${reason})`;
  }
}
