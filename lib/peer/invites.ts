import type { Endpoint } from "../protocol/address.ts";
import { encodeDatagram, type OfferState } from "../protocol/datagram.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { type NameKey, nameKey } from "../protocol/name.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import { INVITE_MS, MAX_INVITES, MAX_REMEMBERED_SESSIONS } from "./limits.ts";
import type { PeerPort } from "./port.ts";

/** An offer of somebody else's that our user is asked about. */
export interface Invite {
  readonly key: NameKey;
  readonly peer: KeyedUser;
  /** `undefined` for a classic peer's. */
  readonly offer: string | undefined;
  /** What to dial if the answer is yes. */
  readonly dial: Endpoint;
  /** Where its datagrams come from, and answers go. */
  readonly from: Endpoint;
}

/** Open invites, and what became of earlier ones. No sockets, no clock. */
export class Invites {
  readonly #port: PeerPort;
  readonly #expired: (invite: Invite) => void;
  readonly #open = new Map<NameKey, { invite: Invite; until: number }>();
  /** What became of each session's last offer; an older one does not get here. */
  readonly #ended = new BoundedMap<string, { readonly offer: string; readonly state: OfferState }>(
    MAX_REMEMBERED_SESSIONS,
  );

  /** @param expired called for an invite that nobody answered in 60 s */
  constructor(port: PeerPort, expired: (invite: Invite) => void) {
    this.#port = port;
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
  repeated(offer: string, peer: KeyedUser, from: Endpoint): boolean {
    const open = this.get(nameKey(peer.username))?.offer === offer;
    const ended = this.#ended.get(peer.session);
    const state = open ? "pending" : ended?.offer === offer ? ended.state : undefined;
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
    this.#open.set(invite.key, { invite, until: before?.until ?? now + INVITE_MS });
    if (invite.offer !== undefined) this.#answer(invite.offer, "pending", invite.from);
    return !before;
  }

  /** Ends an invite, open or not, and tells the one who offered. */
  end(invite: Invite, state: "accepted" | "rejected" | "expired"): void {
    if (this.get(invite.key) === invite) this.#open.delete(invite.key);
    if (invite.offer === undefined) return;
    this.#ended.set(invite.peer.session, { offer: invite.offer, state });
    this.#answer(invite.offer, state, invite.from);
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

  #answer(offer: string, state: OfferState, to: Endpoint): void {
    this.#port.sendDatagram(encodeDatagram({ kind: "answer", offer, state }), to);
  }
}
