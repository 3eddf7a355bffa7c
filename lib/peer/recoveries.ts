import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { NameKey } from "../protocol/name.ts";
import { RECOVERY_MS, RECOVERY_STEP_MS } from "./limits.ts";
import type { LinkId } from "./port.ts";
import type { PrivateLink, PrivateLinks } from "./private_links.ts";
import type { Roster } from "./roster.ts";

/** What {@linkcode Recoveries} works with. */
export interface RecoveriesOptions {
  readonly roster: Roster;
  readonly links: PrivateLinks;
  /** Whether chats may go through a registry at all. */
  readonly mayRelay: boolean;
  /** Whether we are in the room now, and whether chats may go through its registry. */
  readonly isOnline: () => boolean;
  readonly relays: () => boolean;
  readonly newLinkId: () => LinkId;
  /** There is no other link to be had. */
  readonly gaveUp: (key: NameKey) => void;
}

/** A session without a link. */
interface Recovery {
  readonly peer: KeyedUser;
  readonly offer: string;
  readonly role: PrivateLink["role"];
  readonly until: number;
  /** When to ask for a link; `undefined` while one is on its way. */
  nextAt: number | undefined;
}

/** Sessions whose last link was lost: each is given another one through the registry, or given up. No sockets, no clock. */
export class Recoveries {
  readonly #o: RecoveriesOptions;
  readonly #byKey = new Map<NameKey, Recovery>();

  constructor(options: RecoveriesOptions) {
    this.#o = options;
  }

  /**
   * A session has lost its last link.
   *
   * @param role which side of a link we take
   * @returns whether another one may be had
   */
  begin(
    { key, peer, offer }: PrivateLink,
    role: PrivateLink["role"],
    now: number,
  ): boolean {
    const { mayRelay, isOnline, relays } = this.#o;
    if (!mayRelay || offer === undefined || (isOnline() && !relays())) return false;
    if (isOnline() && !this.#sessionOf(key, peer)) return false;
    this.#byKey.set(key, { peer, offer, role, until: now + RECOVERY_MS, nextAt: now });
    this.timeout(now);
    return true;
  }

  /** A session has a link again, or is over. */
  end(key: NameKey): void {
    this.#byKey.delete(key);
  }

  /** A link that we asked for came to nothing. */
  failed({ key, offer }: PrivateLink, now: number): void {
    const recovery = this.#byKey.get(key);
    if (recovery && recovery.offer === offer) recovery.nextAt = now + RECOVERY_STEP_MS;
  }

  /** We are in the room again: links that were asked for are over. */
  online(now: number): void {
    for (const recovery of this.#byKey.values()) recovery.nextAt = now;
  }

  /** A user came, left, or is another one now. */
  changed(key: NameKey): void {
    const recovery = this.#byKey.get(key);
    if (recovery && !this.#sessionOf(key, recovery.peer)) this.#o.gaveUp(key);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest(
      Array.from(
        this.#byKey.values(),
        ({ until, nextAt }) => earliest([until, this.#o.relays() ? nextAt : undefined]),
      ),
    );
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    for (const [key, recovery] of [...this.#byKey]) {
      const { peer, offer, role, until, nextAt } = recovery;
      if (until <= now) {
        this.#o.gaveUp(key);
      } else if (nextAt !== undefined && nextAt <= now && this.#o.relays()) {
        const session = this.#sessionOf(key, peer);
        recovery.nextAt = session ? undefined : now + RECOVERY_STEP_MS;
        if (!session) continue;
        this.#o.links.meet(this.#o.newLinkId(), { key, peer, offer, session, role }, now);
      }
    }
  }

  /** The session that is the peer's now, if it is here with the same key. */
  #sessionOf(key: NameKey, { key: pinned }: KeyedUser): string | undefined {
    const user = this.#o.roster.find(key);
    return user?.key?.publicKey === pinned?.publicKey ? user?.session : undefined;
  }
}
