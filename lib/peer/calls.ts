import { sameHost } from "../protocol/address.ts";
import type { Answer, Offer } from "../protocol/datagram.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { compareNameKeys, type NameKey, nameKey } from "../protocol/name.ts";
import type { AttemptKind, AttemptNote, Attempts } from "./attempts.ts";
import type { Chats } from "./chats.ts";
import type { AcceptPolicy } from "./commands.ts";
import { CrossedOffers } from "./crossed_offers.ts";
import { type Invite, Invites } from "./invites.ts";
import { CLASSIC_SAME_START_MS, LINGER_MS, MAX_CLASSIC_LINKS, RELAY_AFTER_MS } from "./limits.ts";
import { offerDatagram } from "./offer_datagram.ts";
import type { OfferGuard } from "./offer_guard.ts";
import { OutgoingOffer } from "./outgoing_offer.ts";
import type { LinkId, PeerPort } from "./port.ts";
import { isPassed, type Post, type Way } from "./post.ts";
import type { PrivateLink, PrivateLinks } from "./private_links.ts";
import { dialFailure, type SessionReason } from "./reasons.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";

/** What {@linkcode Calls} works with. */
export interface CallsOptions {
  readonly self: Self;
  readonly accept: AcceptPolicy;
  /** Whether `known` covers a user. */
  readonly isKnown: (user: KeyedUser) => boolean;
  readonly roster: Roster;
  readonly guard: OfferGuard;
  readonly chats: Chats;
  readonly links: PrivateLinks;
  readonly attempts: Attempts;
  readonly post: Post;
  /** Whether chats may go through the registry now. */
  readonly relays: () => boolean;
  /** 32 lower-case hexadecimal digits, different each time. */
  readonly newId: () => string;
  /** A number for a link that is dialled, different each time. */
  readonly newLinkId: () => LinkId;
  /** The time of what is happening, for what is not told it. */
  readonly clock: () => number;
}

/** A chat on its way after an offer was accepted: the links that are tried. */
interface Dialling {
  readonly invite: Invite;
  readonly links: Set<LinkId>;
  /** When to ask the registry for one. */
  relayAt: number | undefined;
  /** What became of the first that came to nothing. */
  failure: { readonly reason: SessionReason; readonly message: string } | undefined;
}

/** Why an offer of ours comes to nothing. */
type FailedOffer = "no-answer" | "expired" | "rejected" | "left";

/**
 * How a private chat comes about: offers of ours, offers of others, consent, and what to do when both
 * cross; up to the link, where `PrivateLinks` takes over. No sockets, no clock.
 */
export class Calls {
  readonly #o: CallsOptions;
  readonly #port: PeerPort;
  readonly #invites: Invites;
  readonly #outgoing = new Map<NameKey, OutgoingOffer>();
  /** Offers of ours whose port stays open while the chat with a classic peer does. */
  readonly #answered = new Map<NameKey, OutgoingOffer>();
  /** Those of chats that go through the registry: the peer may yet get through to their port. */
  readonly #lingering = new Map<
    NameKey,
    { readonly offer: OutgoingOffer; readonly until: number }
  >();
  /** Chats being dialled after an offer was accepted. */
  readonly #dialling = new Map<NameKey, Dialling>();
  readonly #crossed = new CrossedOffers();

  constructor(options: CallsOptions, port: PeerPort) {
    this.#o = options;
    this.#port = port;
    this.#invites = new Invites(options.post, (invite) => this.#expired(invite));
  }

  /** Whether a chat is on its way that our user asked for. */
  get busy(): boolean {
    return this.#outgoing.size > 0 || this.#dialling.size > 0;
  }

  /** Whether a chat with `key` is on its way. */
  isOpening(key: NameKey): boolean {
    return this.#outgoing.has(key) || this.#dialling.has(key);
  }

  /** Opens a chat with `peer`: takes its open invite, or sends an offer. */
  start(peer: KeyedUser, now: number): void {
    const key = nameKey(peer.username);
    const invite = this.#invites.get(key);
    if (invite) return this.#accept(invite, now);
    const offer = new OutgoingOffer(this.#o.newId(), key, peer, this.#o.self.nextCounter());
    this.#outgoing.set(key, offer);
    this.#port.listen(offer.id, peer.ip);
  }

  /** Our user's yes; says whether there was an invite. */
  accept(key: NameKey, now: number): boolean {
    const invite = this.#invites.get(key);
    if (invite) this.#accept(invite, now);
    return invite !== undefined;
  }

  /** Our user's no; says whether there was an invite. */
  reject(key: NameKey): boolean {
    const invite = this.#invites.get(key);
    if (!invite) return false;
    this.#invites.end(invite, "rejected");
    this.#noteInvite(invite, "rejected");
    this.#o.chats.failed(invite.peer, key, "rejected");
    return true;
  }

  /** Gives up a chat that is on its way; says whether there was one. */
  cancel(key: NameKey, reason: SessionReason): boolean {
    const offer = this.#outgoing.get(key);
    const dialling = this.#dialling.delete(key);
    if (!offer && !dialling) return false;
    if (offer) this.#note(offer, { step: "offer", outcome: "withdrawn" });
    this.#end(key);
    this.#o.links.closeUnopened(key);
    const peer = offer?.peer ?? this.#o.roster.find(key);
    if (peer) this.#o.chats.failed(peer, key, reason);
    return true;
  }

  /** Gives up everything that is on its way, and closes every port. */
  cancelAll(reason: SessionReason): void {
    for (const key of [...this.#answered.keys(), ...this.#lingering.keys()]) this.chatClosed(key);
    for (const key of [...this.#outgoing.keys(), ...this.#dialling.keys()]) {
      this.cancel(key, reason);
    }
  }

  /** The port for an offer of ours is there. */
  listening(id: string, tcpPort: number, now: number): void {
    const offer = this.#byId(id);
    if (!offer) return this.#port.unlisten(id);
    offer.listening(tcpPort, now);
    const address = { ip: "", port: tcpPort };
    this.#note(offer, { step: "listen", outcome: "listening" }, { address });
    this.#sendDue(offer, now);
  }

  /** No port can be had for an offer of ours; `why` is for people. */
  listenFailed(id: string, why: string): void {
    const offer = this.#byId(id);
    if (!offer) return;
    this.#note(offer, { step: "listen", outcome: "failed" });
    this.#fail(offer, "no-answer", "no-answer", why);
  }

  /** A connection to the port of an offer of ours. */
  linkAccepted(link: LinkId, id: string, remoteIp: string, now: number): void {
    const offer = this.#byId(id);
    if (offer) this.#o.links.accepted(link, offer, remoteIp, now);
    else this.#port.endLink(link);
  }

  /** A chat is open: whatever was on its way for it is done. */
  linkOpened({ key, classic, role, path, offer: of }: PrivateLink, now: number): void {
    this.#dialling.delete(key);
    this.#endLingering(key);
    if (role === "listener") this.#crossed.openedByOurs(key, now);
    const crossed = this.#crossed.get(key);
    if (crossed) this.#invites.end(crossed, "accepted");
    const offer = this.#outgoing.get(key);
    if (offer && classic) {
      // It dials once for each offer it got, and may yet get one that is under way.
      this.#outgoing.delete(key);
      this.#answered.set(key, offer);
    } else if (offer && offer.id === of && path === "relay") {
      this.#outgoing.delete(key);
      this.#crossed.forgetLost(key);
      this.#lingering.set(key, { offer, until: now + LINGER_MS });
    } else {
      this.#end(key);
    }
    // To a classic peer each link that it has opened is the chat: closing one would end it there. Of the links of one
    // session both must not give up what the other one has chosen: `settle` of the links.
    if (!classic) this.#o.links.closeUnopened(key, of);
  }

  /** Ends an open chat; says whether there was one. */
  endChat(key: NameKey, reason: SessionReason): boolean {
    const open = this.#o.chats.close(key, reason);
    if (open) this.chatClosed(key);
    return open;
  }

  /** A chat is over: nobody has to be let in for it any more. */
  chatClosed(key: NameKey): void {
    this.#crossed.forgetLate(key);
    this.#endLingering(key);
    const offer = this.#answered.get(key);
    if (!offer) return;
    this.#answered.delete(key);
    this.#port.unlisten(offer.id);
  }

  /** What we dialled, or asked the registry for, came to nothing. */
  linkFailed({ id, key, peer, remoteIp }: PrivateLink, reason: SessionReason): void {
    const dialling = this.#dialling.get(key);
    if (!dialling?.links.delete(id)) return;
    const failure = dialling.failure ??= {
      reason,
      message: dialFailure(peer.username, remoteIp, reason),
    };
    if (dialling.links.size > 0 || dialling.relayAt !== undefined) return;
    this.#dialling.delete(key);
    // An offer of ours that theirs has crossed may yet be answered.
    if (this.#outgoing.has(key)) return;
    const { message } = failure;
    this.#o.chats.failed(peer, key, failure.reason, { code: "no-answer", message });
  }

  /** An offer of somebody's. Whatever is not as it should be is dropped without a word. */
  offered(offer: Offer, from: Way, now: number): void {
    const peer = this.#o.guard.sender(offer, from, now);
    if (!peer) return;
    const key = nameKey(peer.username);
    const { signed } = offer;
    if (!signed && !this.#wantsClassic(key, now)) return;
    const dial = { ip: isPassed(from) ? peer.ip : from.ip, port: offer.tcpPort };
    const invite = { key, peer, offer: signed?.offer, dial, from };
    const asked = this.#outgoing.get(key);
    if (this.#o.accept === "none" && !asked) return;
    if (signed) {
      if (this.#invites.repeated(signed.offer, peer, from)) return;
      // Sent before its sender heard of our offer, and overtaken by the chat itself.
      if (this.#o.chats.peer(key) && this.#crossed.isLate(key, now)) return;
    }
    if (asked) return this.#crossing(invite, now);
    // The original's chat is gone at its end, or it would not offer another; consent stands.
    const again = !signed && this.#o.chats.isClassic(key);
    if (again || this.#accepts(peer)) return this.#accept(invite, now);
    if (this.#invites.open(invite, now)) {
      this.#noteInvite(invite, "asked");
      this.#port.emit({ event: "invite", from: peer.username });
    }
  }

  /** Whether our user wants `peer`'s offers accepted without being asked. */
  #accepts(peer: KeyedUser): boolean {
    const { accept, isKnown } = this.#o;
    return accept === "all" || (accept === "known" && isKnown(peer));
  }

  /** Whether a classic offer under this name means something. */
  #wantsClassic(key: NameKey, now: number): boolean {
    // The original offers again and again until its own end of the link is there.
    const { count, since } = this.#o.links.open(key);
    const meant = this.#dialling.has(key) || now - since < CLASSIC_SAME_START_MS;
    return !meant && count < MAX_CLASSIC_LINKS;
  }

  /** What became of an offer of ours. */
  answered({ offer: id, state }: Answer, from: Way, now: number): void {
    const offer = this.#byId(id);
    if (!offer || !this.#isOf(offer, from)) return;
    offer.answered(state, now, isPassed(from));
    if (state === "pending" || state === "accepted") {
      const ms = this.#o.attempts.sinceSent(offer.key, id, now);
      this.#note(offer, { step: "offer", outcome: state }, ms === undefined ? {} : { ms });
    }
    this.#sendDue(offer, now);
    const name = offer.peer.username;
    if (state === "rejected") this.#fail(offer, state, "rejected", `${name} does not want to chat`);
    if (state === "expired") this.#fail(offer, state, "no-answer", `${name} was asked, in vain`);
  }

  /** A user came, left, or is another one now: what was known of that name is void. */
  changed(username: string): void {
    const key = nameKey(username);
    const now = this.#o.roster.find(key);
    this.#crossed.forgetLate(key);
    // Who has a key is not spoken to through a chat in the clear that somebody has opened under that name before.
    if (now?.key && this.#o.chats.isClassic(key)) this.endChat(key, "key-changed");
    const invite = this.#invites.get(key);
    if (invite && invite.peer.session !== now?.session) {
      this.#invites.end(invite, "expired");
      this.#noteInvite(invite, "left");
      this.#o.chats.failed(invite.peer, key, "left");
    }
    const offer = this.#outgoing.get(key);
    // Whoever has come back with the same key gets the next repeat.
    const same = now !== undefined && offer?.peer.key?.publicKey === now.key?.publicKey;
    if (offer && !same) {
      this.#fail(offer, "left", "no-such-peer", `${offer.peer.username} has left`);
    }
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const offers = Array.from(this.#outgoing.values(), (offer) => offer.nextTimeout());
    const relays = Array.from(this.#dialling.values(), ({ relayAt }) => relayAt);
    const lingering = Array.from(this.#lingering.values(), ({ until }) => until);
    return earliest([
      ...[...offers, ...relays, ...lingering],
      this.#crossed.nextTimeout(),
      this.#invites.nextTimeout(),
    ]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    for (const offer of [...this.#outgoing.values()]) this.#sendDue(offer, now);
    for (const dialling of this.#dialling.values()) this.#meetIfDue(dialling, now);
    for (const [key, { until }] of this.#lingering) if (until <= now) this.#endLingering(key);
    this.#invites.timeout(now);
  }

  /** The roster is a new one. */
  rosterReplaced(): void {
    const open = this.#o.chats.peers.map(({ username }) => nameKey(username));
    const keys = [...this.#outgoing.keys(), ...this.#invites.keys, ...open];
    for (const key of new Set(keys)) this.changed(key);
  }

  /** Both have asked: the offer of the lower name is used. */
  #crossing(theirs: Invite, now: number): void {
    if (compareNameKeys(theirs.key, this.#o.self.key) < 0) {
      // Our port stays open: should we not get through, the other one tries; and a classic peer dials it all the
      // same, what it opens there is one more link of the chat.
      return this.#accept(theirs, now);
    }
    if (theirs.offer === undefined) return;
    const ours = this.#outgoing.get(theirs.key);
    if (ours) this.#note(ours, { step: "offer", outcome: "crossed" });
    this.#crossed.lost(theirs, now);
    this.#invites.acknowledge(theirs);
  }

  #accept(invite: Invite, now: number): void {
    const { key, peer, offer, dial } = invite;
    const link = this.#o.newLinkId();
    // One dial a peer: a newer offer of the same takes the place of the older.
    if (this.#dialling.has(key)) this.#o.links.closeUnopened(key);
    this.#invites.end(invite, "accepted");
    this.#noteInvite(invite, "accepted");
    const relayAt = offer !== undefined && this.#o.relays() ? now + RELAY_AFTER_MS : undefined;
    this.#dialling.set(key, { invite, links: new Set([link]), relayAt, failure: undefined });
    this.#o.links.dial(link, { key, peer, offer, ...dial }, now);
  }

  /** No direct link is there yet: asks the registry for one. */
  #meetIfDue(dialling: Dialling, now: number): void {
    const { invite, links, relayAt } = dialling;
    const { key, peer, offer } = invite;
    if (relayAt === undefined || relayAt > now) return;
    dialling.relayAt = undefined;
    if (offer === undefined) return;
    this.#invites.confirm(invite);
    const link = this.#o.newLinkId();
    links.add(link);
    const { session } = this.#o.roster.find(key) ?? peer;
    this.#o.links.meet(link, { key, peer, offer, session, role: "dialler" }, now);
  }

  /** Whether an answer comes from whom an offer went to. */
  #isOf({ key, peer }: OutgoingOffer, from: Way): boolean {
    if (!isPassed(from)) return sameHost(peer.ip, from.ip);
    return from.session === (this.#o.roster.find(key) ?? peer).session;
  }

  #endLingering(key: NameKey): void {
    const lingering = this.#lingering.get(key);
    if (!lingering) return;
    this.#lingering.delete(key);
    this.#port.unlisten(lingering.offer.id);
  }

  #expired(invite: Invite): void {
    const { peer, key } = invite;
    this.#noteInvite(invite, "expired");
    this.#o.chats.failed(peer, key, "expired");
  }

  #sendDue(offer: OutgoingOffer, now: number): void {
    const { peer, tcpPort, key } = offer;
    if (tcpPort === undefined) return;
    const quiet = this.#o.links.quietUntil(key, now);
    if (quiet > now) offer.postpone(quiet);
    const crossed = this.#crossed.due(key, now);
    if (crossed) {
      this.#end(key);
      // Their own link, should it come after all, would end the one that we open now.
      this.#o.links.closeUnopened(key);
      return this.#accept(crossed, now);
    }
    for (let due = offer.due(now); due; due = offer.due(now)) {
      // Whoever has registered anew gets it there, for the new session.
      const now = this.#o.roster.find(key) ?? peer;
      if (due === "pass" || due === "meet") {
        if (this.#o.relays()) this.#relay(offer, due, now, tcpPort);
        continue;
      }
      if (due !== "send") {
        return this.#fail(
          offer,
          due,
          "no-answer",
          `${peer.username} does not answer (/why ${peer.username} tells more)`,
        );
      }
      const to = { ip: now.ip, port: now.udpPort };
      this.#note(offer, { step: "offer", outcome: "sent" }, { address: to });
      this.#o.post.send(offerDatagram(this.#o.self, offer, now, tcpPort), to);
    }
  }

  /** Sends an offer through the registry, or asks that for a link once it is accepted. */
  #relay(offer: OutgoingOffer, due: "pass" | "meet", peer: KeyedUser, tcpPort: number): void {
    const { key, id } = offer;
    const { session } = peer;
    if (due === "pass") {
      return this.#o.post.send(offerDatagram(this.#o.self, offer, peer, tcpPort), { session });
    }
    const target = { key, peer: offer.peer, offer: id, session, role: "listener" } as const;
    this.#o.links.meet(this.#o.newLinkId(), target, this.#o.clock());
  }

  #fail(offer: OutgoingOffer, reason: FailedOffer, code: string, message: string): void {
    if (offer.tcpPort !== undefined) this.#note(offer, { step: "offer", outcome: reason });
    this.#end(offer.key);
    this.#dialling.delete(offer.key);
    this.#o.links.closeUnopened(offer.key);
    this.#o.chats.failed(offer.peer, offer.key, reason, { code, message });
  }

  /** Forgets our offer to `key` and closes its port. */
  #end(key: NameKey): void {
    const offer = this.#outgoing.get(key);
    this.#crossed.forgetLost(key);
    if (!offer) return;
    this.#outgoing.delete(key);
    this.#port.unlisten(offer.id);
  }

  #note(
    { id, key }: OutgoingOffer,
    kind: AttemptKind,
    more: Pick<AttemptNote, "address" | "ms"> = {},
  ): void {
    const note = { ...kind, path: "direct", of: id, ...more } as const;
    this.#o.attempts.note(key, note, this.#o.clock());
  }

  #noteInvite(
    { key, offer = "classic", from }: Invite,
    outcome: (AttemptKind & { readonly step: "invite" })["outcome"],
  ): void {
    const way = isPassed(from)
      ? { path: "relay" } as const
      : { path: "direct", address: from } as const;
    const note = { step: "invite", outcome, of: offer, ...way } as const;
    this.#o.attempts.note(key, note, this.#o.clock());
  }

  #byId(id: string): OutgoingOffer | undefined {
    const lingering = Array.from(this.#lingering.values(), ({ offer }) => offer);
    const all = [...this.#outgoing.values(), ...this.#answered.values(), ...lingering];
    return all.find((offer) => offer.id === id);
  }
}
