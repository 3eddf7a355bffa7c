import type { Endpoint } from "../protocol/address.ts";
import type { NameKey } from "../protocol/name.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import { adviceOf } from "./advice.ts";
import type { Path } from "./events.ts";
import { MAX_ATTEMPTS_OF_PEER, MAX_TRIED_PEERS } from "./limits.ts";
import type { SessionReason } from "./reasons.ts";

/** What was tried, each with how it can end: everything that the journal knows. */
export const ATTEMPT_OUTCOMES = {
  /** A TCP port of ours for the peer to dial. */
  listen: ["listening", "failed"],
  /** Our asking by UDP. */
  offer: [
    ...["sent", "pending", "accepted", "rejected", "expired", "no-answer", "left", "withdrawn"],
    "crossed",
  ],
  /** The peer's asking. */
  invite: ["asked", "accepted", "rejected", "expired", "left"],
  /** Our TCP connection to the peer. */
  dial: ["connected", "refused", "timed-out", "unreachable", "failed"],
  /** The peer's TCP connection to us. */
  accept: ["connected"],
  /** A link through the registry. */
  relay: ["asked", "connected", "failed"],
  /** Who the other side is. */
  handshake: ["done", "failed"],
  session: ["open", "closed"],
} as const;

/** One of the keys of {@linkcode ATTEMPT_OUTCOMES}. */
export type AttemptStep = keyof typeof ATTEMPT_OUTCOMES;

/** A step with one of its own outcomes. */
export type AttemptKind = {
  [S in AttemptStep]: {
    readonly step: S;
    readonly outcome: typeof ATTEMPT_OUTCOMES[S][number];
  };
}[AttemptStep];

/** Why a TCP connection could not be made: those of `dial` that are no success. */
export type DialFailure = Exclude<typeof ATTEMPT_OUTCOMES["dial"][number], "connected">;

/** What is noted of one thing that was tried. */
export type AttemptNote = AttemptKind & {
  readonly path: Path;
  /** What it belongs to, an offer or a link: what is noted again of the same is counted, not listed. */
  readonly of: string;
  /** Where it went, or came from; of `listen` the port alone counts. */
  readonly address?: Endpoint;
  /** How long it took, in milliseconds. */
  readonly ms?: number;
  /** Why it failed or ended. */
  readonly reason?: SessionReason;
};

/** One thing that was tried, as our user is told. */
export type Attempt = AttemptKind & {
  /** Seconds since it was so, or was so for the first time. */
  readonly ago: number;
  /** How the chat's bytes would have travelled. */
  readonly path: Path;
  /** How often: datagrams, for an offer. */
  readonly count: number;
  /** Where it went, or came from: IP and port; for `listen` the IP is empty. */
  readonly address?: Endpoint;
  /** How long it took, in milliseconds. */
  readonly ms?: number;
  /** Why it failed or ended. */
  readonly reason?: SessionReason;
  /** What to do about it, for people. */
  readonly advice?: string;
};

interface Entry {
  readonly note: AttemptNote;
  readonly at: number;
  count: number;
}

/** What was tried with each peer: the last 20 things of each of the last 64. No clock. */
export class Attempts {
  readonly #byPeer = new BoundedMap<NameKey, Entry[]>(MAX_TRIED_PEERS);

  /** Something was tried, or has come of it. */
  note(key: NameKey, note: AttemptNote, now: number): void {
    const entries = this.#byPeer.get(key) ?? [];
    const before = entries.findLast((entry) => isSame(entry.note, note));
    if (before) before.count++;
    else entries.push({ note, at: now, count: 1 });
    if (entries.length > MAX_ATTEMPTS_OF_PEER) entries.shift();
    this.#byPeer.set(key, entries);
  }

  /** Milliseconds since the first datagram of an offer; `undefined` if none is known. */
  sinceSent(key: NameKey, offer: string, now: number): number | undefined {
    const sent = this.#byPeer.get(key)?.find(({ note }) =>
      note.of === offer && note.outcome === "sent"
    );
    return sent && Math.round(now - sent.at);
  }

  /** All that is known, the oldest first; `name` is how our user calls the peer. */
  of(key: NameKey, name: string, now: number): Attempt[] {
    return (this.#byPeer.get(key) ?? []).map(({ note: { of: _, ...told }, at, count }) => {
      const advice = adviceOf(told, name);
      const ago = Math.max(0, Math.round((now - at) / 100) / 10);
      return { ago, ...told, count, ...(advice !== undefined && { advice }) };
    });
  }
}

function isSame(a: AttemptNote, b: AttemptNote): boolean {
  return a.of === b.of && a.step === b.step && a.outcome === b.outcome &&
    a.reason === b.reason && a.address?.ip === b.address?.ip && a.address?.port === b.address?.port;
}
