import type { Endpoint } from "../protocol/address.ts";
import { encodeDatagram, type OfferState } from "../protocol/datagram.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { type NameKey, nameKey } from "../protocol/name.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import { INVITE_MS, MAX_INVITES, MAX_REMEMBERED_SESSIONS } from "./limits.ts";
import { isPassed, type Post, type Way } from "./post.ts";

/** An offer of somebody else's that our user is asked about. */
export interface Invite {
  readonly key: NameKey;
  readonly peer: KeyedUser;
  /** `undefined` for a classic peer's. */
  readonly offer: string | undefined;
  /** What to dial if the answer is yes. */
  readonly dial: Endpoint;
  /** How it came, and answers go. */
  readonly from: Way;
}

/** Open invites, and what became of earlier ones. No sockets, no clock. */
export class Invites {
  readonly #post: Post;
  readonly #expired: (invite: Invite) => void;
  readonly #open = new Map<NameKey, { invite: Invite; until: number; ways: Way[] }>();
  /** What became of each session's last offer; an older one does not get here. */
  readonly #ended = new BoundedMap<string, { readonly offer: string; readonly state: OfferState }>(
    MAX_REMEMBERED_SESSIONS,
  );

  /** @param expired called for an invite that nobody answered in 60 s */
  constructor(post: Post, expired: (invite: Invite) => void) {
    this.#post = post;
    this.#expired = expired;
  }

  /** The open invite of a peer. */
  get(key: NameKey): Invite | undefined {
    return this.#open.get(key)?.invite;
  }

  /** Whose invites are open. */
  get keys(): NameKey[] {
    return [...this.#open.keys()];
  }

  /** Tells the one who offered that it was heard, without asking our user. */
  acknowledge({ offer, from }: Invite): void {
    if (offer !== undefined) this.#answer(offer, "pending", from);
  }

  /** Answers a repeat of an offer that was seen before; says whether it was one. */
  repeated(offer: string, peer: KeyedUser, from: Way): boolean {
    const open = this.#open.get(nameKey(peer.username));
    const isOpen = open?.invite.offer === offer;
    // On the way on which it came first there has been an answer; it may have been lost.
    if (isOpen) open.ways = [...open.ways.filter((way) => isPassed(way) !== isPassed(from)), from];
    const ended = this.#ended.get(peer.session);
    const state = isOpen ? "pending" : ended?.offer === offer ? ended.state : undefined;
    if (state) this.#answer(offer, state, from);
    return state !== undefined;
  }

  /**
   * Opens an invite; a newer offer of the same peer takes the place of the older, without asking anew.
   *
   * @returns whether the user has to be asked
   */
  open(invite: Invite, now: number): boolean {
    const before = this.#open.get(invite.key);
    if (!before && this.#open.size >= MAX_INVITES) return false;
    const until = before?.until ?? now + INVITE_MS;
    this.#open.set(invite.key, { invite, until, ways: [invite.from] });
    if (invite.offer !== undefined) this.#answer(invite.offer, "pending", invite.from);
    return !before;
  }

  /** Ends an invite, open or not, and tells the one who offered. */
  end(invite: Invite, state: "accepted" | "rejected" | "expired"): void {
    const open = this.#open.get(invite.key);
    const isOpen = open?.invite === invite;
    if (isOpen) this.#open.delete(invite.key);
    if (invite.offer === undefined) return;
    this.#ended.set(invite.peer.session, { offer: invite.offer, state });
    for (const way of isOpen ? open.ways : [invite.from]) this.#answer(invite.offer, state, way);
  }

  /** Says once more, through the registry, that an offer is accepted: the answer by UDP may be lost. */
  confirm({ offer, peer }: Invite): void {
    if (offer !== undefined) this.#answer(offer, "accepted", { session: peer.session });
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest(Array.from(this.#open.values(), ({ until }) => until));
  }

  /** Ends the invites whose time is over. */
  timeout(now: number): void {
    for (const { invite, until } of [...this.#open.values()]) {
      if (until > now) continue;
      this.end(invite, "expired");
      this.#expired(invite);
    }
  }

  #answer(offer: string, state: OfferState, to: Way): void {
    this.#post.send(encodeDatagram({ kind: "answer", offer, state }), to);
  }
}
