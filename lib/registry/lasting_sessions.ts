import { limitKey } from "../protocol/address.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { NameKey } from "../protocol/name.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import type { OwnBroadcast, Reader } from "./catch_up.ts";
import { DroppedSessions } from "./dropped_sessions.ts";
import type { CloseReason } from "./events.ts";
import type { FloodGuard } from "./flood_guard.ts";
import { MAX_DROPPED_OF_KEY, MAX_TAKEN_OVER, OWN_BROADCASTS } from "./limits.ts";
import type { SessionId } from "./room.ts";

/** Whose a session is: nobody else can come back to it. */
export interface Owner {
  /** Its name without a number. */
  readonly name: NameKey;
  readonly publicKey: string;
}

/** What a {@linkcode LastingSession} begins with. */
export interface LastingSessionParts {
  readonly id: SessionId;
  readonly user: KeyedUser;
  readonly owner: Owner;
  /** The room's number when it came: what was said before is not for it. */
  readonly since: number;
  /** Holds it to its rate, on all its connections. */
  readonly guard: FloodGuard | undefined;
}

/** A session that outlives its connection. */
export class LastingSession implements Reader {
  readonly owner: Owner;
  readonly since: number;
  readonly guard: FloodGuard | undefined;
  /** Of its connection, or of its last one. */
  id: SessionId;
  user: KeyedUser;
  /** Whether it has asked for what was said before it came: once is enough. */
  isReplayed = false;
  /** Why it has no connection. */
  dropped: CloseReason | undefined;
  /** The token for the next time; before it the last one, while its holder may not have got the new one. */
  tokens: readonly string[] = [];
  #own: OwnBroadcast[] = [];

  constructor({ id, user, owner, since, guard }: LastingSessionParts) {
    this.id = id;
    this.user = user;
    this.owner = owner;
    this.since = since;
    this.guard = guard;
  }

  /** Its last broadcasts, in order; 256 at least where there were so many. */
  get own(): readonly OwnBroadcast[] {
    return this.#own;
  }

  /** It has sent a broadcast. */
  sent(broadcast: OwnBroadcast): void {
    this.#own.push(broadcast);
    if (this.#own.length >= 2 * OWN_BROADCASTS) this.#own = this.#own.slice(-OWN_BROADCASTS);
  }
}

/** The sessions that outlive their connections, their tokens, and how long those without a connection are kept. */
export class LastingSessions {
  readonly #graceMs: number;
  readonly #newToken: () => string;
  readonly #byId = new Map<SessionId, LastingSession>();
  readonly #byToken = new Map<string, LastingSession>();
  readonly #dropped: DroppedSessions<LastingSession>;
  /** Whose tokens were those of sessions that have lost their name. */
  readonly #takenOver = new BoundedMap<string, Owner>(MAX_TAKEN_OVER);

  /**
   * @param grace seconds that a session without a connection is kept
   * @param maxPerIp of them, those of one address at most; 0: no limit
   * @param newToken 32 random hexadecimal digits, others each time
   */
  constructor(grace: number, maxPerIp: number, newToken: () => string) {
    this.#graceMs = grace * 1_000;
    this.#dropped = new DroppedSessions(MAX_DROPPED_OF_KEY, maxPerIp);
    this.#newToken = newToken;
  }

  /** How many there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** A session that came on that connection, or has its last one there. */
  get(id: SessionId): LastingSession | undefined {
    return this.#byId.get(id);
  }

  /** A session has come; it has its first token. */
  add(session: LastingSession): void {
    this.#byId.set(session.id, session);
    this.#setTokens(session, [this.#newToken()]);
  }

  /** Whose token that is: a session of that owner, one that has lost its name, or of nobody. */
  find(token: string, owner: Owner): LastingSession | "taken-over" | undefined {
    const session = this.#byToken.get(token);
    if (session) return isSame(session.owner, owner) ? session : undefined;
    const loser = this.#takenOver.get(token);
    return loser && isSame(loser, owner) ? "taken-over" : undefined;
  }

  /**
   * A session is back, by `token`, on the connection `id`. It has a new token; the one used is good until
   * {@linkcode LastingSessions.confirmed}, or until the new one has been used.
   */
  resumed(session: LastingSession, token: string, id: SessionId): void {
    this.#byId.delete(session.id);
    this.#byId.set(id, session);
    session.id = id;
    session.dropped = undefined;
    this.#dropped.delete(session);
    this.#setTokens(session, [token, this.#newToken()]);
  }

  /** The session has got its new token: the one before it is void. */
  confirmed(session: LastingSession): void {
    this.#setTokens(session, session.tokens.slice(-1));
  }

  /** Keeps a session whose connection, from `ip`, is lost; says whether it is kept at all. */
  drop(session: LastingSession, reason: CloseReason, ip: string, now: number): boolean {
    if (this.#graceMs === 0) return false;
    session.dropped = reason;
    const { owner: { publicKey } } = session;
    this.#dropped.add(session, { publicKey, address: limitKey(ip) }, now + this.#graceMs);
    return true;
  }

  /** Who has to be {@linkcode LastingSessions.end | ended} for that one to be kept: the oldest without a connection. */
  crowdedOut(session: LastingSession): LastingSession | undefined {
    return this.#dropped.crowdedOut(session);
  }

  /** A session is over; `isTakenOver`: another one of its key has its name, and its owner is to be told. */
  end(session: LastingSession, isTakenOver: boolean): void {
    if (isTakenOver) {
      for (const token of session.tokens) this.#takenOver.set(token, session.owner);
    }
    this.#setTokens(session, []);
    this.#dropped.delete(session);
    this.#byId.delete(session.id);
  }

  /** When the first of those without a connection has been kept for long enough. */
  nextTimeout(): number | undefined {
    return this.#dropped.nextTimeout();
  }

  /** Those who have been kept for long enough; each has to be {@linkcode LastingSessions.end | ended}. */
  expired(now: number): Iterable<LastingSession> {
    return this.#dropped.expired(now);
  }

  /** Nobody comes back any more, and nobody's end is waited for. */
  stop(): void {
    this.#dropped.clear();
  }

  #setTokens(session: LastingSession, tokens: readonly string[]): void {
    for (const token of session.tokens) this.#byToken.delete(token);
    for (const token of tokens) this.#byToken.set(token, session);
    session.tokens = tokens;
  }
}

function isSame(a: Owner, b: Owner): boolean {
  return a.name === b.name && a.publicKey === b.publicKey;
}
