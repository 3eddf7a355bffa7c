import type { KeyPair } from "../crypto/x25519.ts";
import { type Endpoint, sameHost } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { SessionMessage } from "../protocol/private.ts";
import type { NameKey } from "../protocol/name.ts";
import type { AttemptKind, AttemptNote, Attempts, DialFailure } from "./attempts.ts";
import { ClassicChat } from "./classic_chat.ts";
import type { Drops } from "./drops.ts";
import type { Path } from "./events.ts";
import {
  CLASSIC_QUIET_MS,
  CLASSIC_TEXT_GAP_MS,
  HANDSHAKE_MS,
  MAX_UNNAMED_LINKS,
} from "./limits.ts";
import type { OutgoingOffer } from "./outgoing_offer.ts";
import type { LinkPort } from "./link_port.ts";
import type { LinkId } from "./port.ts";
import type { SessionReason } from "./reasons.ts";
import { SealedChat } from "./sealed_chat.ts";
import type { Self } from "./self.ts";
import type { Wiretap } from "./wiretap.ts";

/** One private TCP connection. */
export interface PrivateLink {
  readonly id: LinkId;
  readonly key: NameKey;
  /** As the roster told when the offer was made. */
  readonly peer: KeyedUser;
  /** The id of the offer it answers; `undefined` for that of a peer without a key. */
  readonly offer: string | undefined;
  readonly role: "dialler" | "listener";
  /** How its bytes travel. */
  readonly path: Path;
  readonly remoteIp: string;
  /** Until when it has to be open; `undefined` once it is. */
  deadline: number | undefined;
  /** The TCP port that we dial; of one that was accepted none. */
  readonly dialledPort: number | undefined;
  /** When it was dialled, or connected. */
  phaseAt: number;
  /** When it opened. */
  openedAt: number | undefined;
  /** Where it is to be dialled once the peer is ready for it. */
  dialTo: Endpoint | undefined;
  /** Whether it is spoken to as the original program does: who has a key never is. */
  readonly classic: boolean;
  wire: SealedChat | ClassicChat | undefined;
}

/** What becomes of links. */
export interface PrivateLinksHandler {
  /** Both sides know each other. */
  linkOpened(link: PrivateLink): void;
  /** A text on a link with a peer without a key. */
  linkText(link: PrivateLink, text: string): void;
  /**
   * A message on a sealed link.
   *
   * @throws {ProtocolError} if it cannot be
   */
  linkMessage(link: PrivateLink, message: SessionMessage): void;
  /** An open link is over. */
  linkClosed(link: PrivateLink, reason: SessionReason): void;
  /** A link that we dialled, or asked the registry for, came to nothing. */
  linkFailed(link: PrivateLink, reason: SessionReason): void;
}

/** What {@linkcode PrivateLinks} works with. */
export interface PrivateLinksOptions {
  readonly self: Self;
  readonly drops: Drops;
  readonly attempts: Attempts;
  readonly wiretap: Wiretap;
  /** A new X25519 key pair. */
  readonly newKeyPair: () => KeyPair;
  /** Why a chat with a peer that has proven who it is is not to be. */
  readonly refuse: (peer: KeyedUser) => SessionReason | undefined;
  /** Whether the chat of an open link has another one. */
  readonly goesOn: (link: PrivateLink) => boolean;
  /** The time of what is happening, for what is not told it. */
  readonly clock: () => number;
}

/** All private links of one client: identifies them, and tells their wires' events. */
export class PrivateLinks {
  readonly #o: PrivateLinksOptions;
  readonly #staticKey: KeyPair;
  readonly #port: LinkPort;
  readonly #handler: PrivateLinksHandler;
  readonly #links = new Map<LinkId, PrivateLink>();
  /** Closed by our user while texts of theirs still wait to be written. */
  readonly #ending = new Map<LinkId, PrivateLink>();
  /** When the last link of each classic peer ended. */
  readonly #endedAt = new Map<NameKey, number>();

  constructor(options: PrivateLinksOptions, port: LinkPort, handler: PrivateLinksHandler) {
    this.#o = options;
    this.#staticKey = options.newKeyPair();
    this.#port = port;
    this.#handler = handler;
  }

  /** Dials a peer whose offer was accepted; `offer` is `undefined` for a classic one. */
  dial(
    id: LinkId,
    target: Pick<PrivateLink, "key" | "peer" | "offer"> & Endpoint & { readonly path?: Path },
    now: number,
  ): void {
    const { key, peer, offer, ip, port, path = "direct" } = target;
    const facts = { id, key, peer, offer, role: "dialler", path, remoteIp: ip } as const;
    const link = this.#add({ ...facts, dialledPort: port }, now);
    link.dialTo = { ip, port };
    this.#dialIfReady(link, now);
  }

  /** Dials a peer from the port of `probe`, as it does to us. */
  punch(
    id: LinkId,
    { ip, port, probe, ...target }:
      & Pick<PrivateLink, "key" | "peer" | "offer" | "role">
      & Endpoint
      & { readonly probe: LinkId },
    now: number,
  ): void {
    const facts = { id, ...target, path: "punched", remoteIp: ip, dialledPort: port } as const;
    this.#add(facts, now);
    this.#port.punch(id, probe, { ip, port });
  }

  /** Asks the registry for a link with that session of a peer. */
  meet(
    id: LinkId,
    { session, ...target }: Pick<PrivateLink, "key" | "peer" | "role"> & {
      readonly offer: string;
      readonly session: string;
    },
    now: number,
  ): void {
    const facts = { id, ...target, path: "relay", remoteIp: "", dialledPort: undefined } as const;
    const link = this.#add(facts, now);
    this.#note(link, { step: "relay", outcome: "asked" });
    this.#port.meet(id, session, target.offer);
  }

  /**
   * Until when no new link with `key` should be made; not after `now` if one may be. While texts wait
   * on a link that ends, ask again then.
   */
  quietUntil(key: NameKey, now: number): number {
    for (const link of this.#ending.values()) {
      if (link.key === key) return now + CLASSIC_TEXT_GAP_MS;
    }
    return (this.#endedAt.get(key) ?? -Infinity) + CLASSIC_QUIET_MS;
  }

  /** A connection to the port of one of our offers. */
  accepted(
    id: LinkId,
    { key, peer, id: offer }: Pick<OutgoingOffer, "key" | "peer" | "id">,
    remoteIp: string,
    now: number,
    path: Path = "direct",
  ): void {
    // The peer says who it is at once; whoever connects and keeps silent makes room for it.
    const unnamed = this.#of(key)
      .filter((link) => !isOurs(link) && link.deadline !== undefined);
    const [oldest] = unnamed;
    if (oldest && unnamed.length >= MAX_UNNAMED_LINKS) this.close(oldest, "closed");
    const facts = { id, key, peer, offer, role: "listener", path, remoteIp } as const;
    const link = this.#add({ ...facts, dialledPort: undefined }, now);
    this.#note(link, { step: "accept", outcome: "connected" });
  }

  /** A link that we dialled is connected. */
  opened(id: LinkId, now: number): void {
    const link = this.#links.get(id);
    if (!link) return;
    const step = link.path === "relay" ? "relay" : "dial";
    this.#note(link, { step, outcome: "connected" }, { ms: now - link.phaseAt });
    link.phaseAt = now;
    // The two may have asked at different times.
    if (link.path === "relay") link.deadline = now + HANDSHAKE_MS;
    // Who listens hears first.
    if (link.role === "listener") return;
    const refusal = link.classic ? this.#o.refuse(link.peer) : undefined;
    if (refusal) return this.#fail(link, refusal);
    link.wire = this.#wire(link, now);
    if (link.classic) this.#open(link);
  }

  /** Bytes on a link. */
  receive(id: LinkId, chunk: Uint8Array, now: number): void {
    const link = this.#links.get(id);
    if (!link) return;
    if (!link.wire) {
      const classic = chunk[0] !== 0;
      if (classic && !link.classic) this.#o.drops.count("classic-link");
      const stranger = link.classic && !sameHost(link.remoteIp, link.peer.ip);
      if (classic !== link.classic || stranger) return this.#fail(link, "bad-frame");
      link.wire = this.#wire(link, now);
    }
    if (link.classic) this.#o.wiretap.classic("in", chunk, link.peer.username);
    link.wire.receive(chunk);
  }

  /** A link is over, or could not be made, for `failure`. */
  ended(id: LinkId, failure: DialFailure = "failed"): void {
    const ending = this.#ending.get(id);
    if (ending) return this.#finish(ending, "lost");
    const link = this.#links.get(id);
    if (link && isConnecting(link)) this.#noteFailure(link, failure);
    // The original ends a chat by closing; between ours that is a break.
    if (link) this.#fail(link, !link.wire ? "unreachable" : link.classic ? "quit" : "lost");
  }

  /**
   * Ends a link once all texts are written, telling the peer why where its protocol can. No event of it
   * follows.
   */
  close(link: PrivateLink, reason: SessionReason): void {
    if (!this.#links.delete(link.id)) return;
    if (link.wire && link.wire.pending > 0) this.#ending.set(link.id, link);
    else this.#finish(link, reason);
  }

  /** Ends an open link without a word of why: what it was for goes on without it. No event of it follows. */
  retire(link: PrivateLink): void {
    if (this.#links.delete(link.id)) this.#port.endLink(link.id);
  }

  /**
   * Ends all links at once, whatever they are waiting for.
   *
   * @returns how many writes are lost with them
   */
  abandon(): number {
    const links = this.#all();
    const lost = links.reduce((sum, link) => sum + (link.wire?.pending ?? 0), 0);
    for (const link of links) this.#finish(link, "quit");
    return lost;
  }

  /** How many open links there are with `key`, and when the last of them opened. */
  open(key: NameKey): { count: number; since: number } {
    const times = this.#of(key).map((link) => link.openedAt).filter((at) => at !== undefined);
    return { count: times.length, since: Math.max(-Infinity, ...times) };
  }

  /** Ends all links of `key` that are not open, but for those of one offer. */
  closeUnopened(key: NameKey, but?: string): void {
    for (const link of this.#of(key)) {
      const stays = but !== undefined && link.offer === but;
      if (link.deadline !== undefined && !stays) this.close(link, "closed");
    }
  }

  /**
   * A session speaks over a link that is as good as any other: those of it that are not open are given up. Only one of the two
   * does that, or each might give up the one that the other has chosen; but links through the registry both do.
   *
   * @param leads whether we are that one
   */
  settle({ key, offer, path }: PrivateLink, leads: boolean): void {
    if (path === "relay") return;
    for (const link of this.#of(key)) {
      const isOfIt = link.deadline !== undefined && link.offer === offer;
      if (isOfIt && (leads || link.path === "relay")) this.close(link, "closed");
    }
  }

  /** Bytes that peers have not read yet. */
  get queuedBytes(): number {
    return this.#all().reduce((sum, link) => sum + this.#port.queued(link.id), 0);
  }

  /** Whether texts still wait for their time. */
  get busy(): boolean {
    return this.#all().some((link) => (link.wire?.pending ?? 0) > 0);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest(
      this.#all().flatMap((link) => [
        link.deadline,
        link.wire?.nextTimeout(),
        link.dialTo && this.quietUntil(link.key, this.#o.clock()),
      ]),
    );
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    for (const link of this.#ending.values()) {
      link.wire?.timeout(now);
      if (link.wire?.pending === 0) this.#finish(link, "closed");
    }
    for (const link of this.#links.values()) {
      this.#dialIfReady(link, now);
      if (link.deadline !== undefined && link.deadline <= now) {
        if (isConnecting(link)) this.#noteFailure(link, "timed-out");
        this.#fail(link, "no-answer");
      } else link.wire?.timeout(now);
    }
  }

  #add(
    facts: Pick<
      PrivateLink,
      "id" | "key" | "peer" | "offer" | "role" | "path" | "remoteIp" | "dialledPort"
    >,
    now: number,
  ): PrivateLink {
    const link = {
      ...facts,
      deadline: now + HANDSHAKE_MS,
      phaseAt: now,
      openedAt: undefined,
      dialTo: undefined,
      classic: facts.peer.key === undefined,
      wire: undefined,
    };
    this.#links.set(link.id, link);
    return link;
  }

  #dialIfReady(link: PrivateLink, now: number): void {
    const { dialTo, key, classic } = link;
    if (!dialTo) return;
    link.deadline = now + HANDSHAKE_MS;
    link.phaseAt = now;
    if (classic && this.quietUntil(key, now) > now) return;
    link.dialTo = undefined;
    this.#port.dial(link.id, dialTo);
  }

  /** The last of a link: nothing of it is remembered but that a classic peer needs a moment. */
  #finish(link: PrivateLink, reason: SessionReason): void {
    this.#links.delete(link.id);
    this.#ending.delete(link.id);
    if (link.openedAt !== undefined && !(reason === "lost" && this.#o.goesOn(link))) {
      this.#note(link, { step: "session", outcome: "closed" }, { reason });
    }
    link.wire?.close(reason);
    this.#port.endLink(link.id);
    if (link.classic && link.wire) this.#endedAt.set(link.key, this.#o.clock());
  }

  #wire(link: PrivateLink, now: number): SealedChat | ClassicChat {
    const { self, newKeyPair, wiretap } = this.#o;
    const handler = {
      send: (bytes: Uint8Array) => {
        if (link.classic) wiretap.classic("out", bytes, link.peer.username);
        if (!this.#port.sendLink(link.id, bytes)) this.#fail(link, "slow");
      },
      opened: () => this.#open(link),
      text: (text: string) => this.#handler.linkText(link, text),
      message: (message: SessionMessage) => this.#handler.linkMessage(link, message),
      closed: (reason: SessionReason) => this.#fail(link, reason),
    };
    const { role, offer, peer } = link;
    const names = { role, self: self.username, peer: peer.username };
    if (!peer.key || offer === undefined) return new ClassicChat(names, handler, now);
    return new SealedChat({
      ...names,
      identity: self.identity,
      staticKey: this.#staticKey,
      ephemeral: newKeyPair(),
      peerKey: peer.key.publicKey,
      offer,
      tap: wiretap.forLink(peer.username),
      refuse: () => this.#o.refuse(peer),
    }, handler);
  }

  #open(link: PrivateLink): void {
    // One with a key has been asked this in its handshake.
    const refusal = link.classic ? this.#o.refuse(link.peer) : undefined;
    if (refusal) return this.#fail(link, refusal);
    link.deadline = undefined;
    link.openedAt = this.#o.clock();
    const ms = link.openedAt - link.phaseAt;
    this.#note(link, { step: "handshake", outcome: "done" }, { ms });
    this.#note(link, { step: "session", outcome: "open" });
    this.#handler.linkOpened(link);
  }

  #fail(link: PrivateLink, reason: SessionReason): void {
    if (!this.#links.has(link.id)) return;
    if (link.openedAt === undefined && !isConnecting(link)) {
      this.#note(link, { step: "handshake", outcome: "failed" }, { reason });
    }
    this.#finish(link, reason);
    if (link.deadline === undefined) this.#handler.linkClosed(link, reason);
    else if (isOurs(link)) this.#handler.linkFailed(link, reason);
  }

  #noteFailure(link: PrivateLink, outcome: DialFailure): void {
    if (link.path === "relay") this.#note(link, { step: "relay", outcome: "failed" });
    else this.#note(link, { step: "dial", outcome });
  }

  #note(
    { id, key, path, remoteIp, dialledPort }: PrivateLink,
    kind: AttemptKind,
    more: Pick<AttemptNote, "ms" | "reason"> = {},
  ): void {
    const address = dialledPort === undefined
      ? {}
      : { address: { ip: remoteIp, port: dialledPort } };
    const note = { ...kind, path, of: `link ${id}`, ...address, ...more } as const;
    this.#o.attempts.note(key, note, this.#o.clock());
  }

  #of(key: NameKey): PrivateLink[] {
    return [...this.#links.values()].filter((link) => link.key === key);
  }

  #all(): PrivateLink[] {
    return [...this.#links.values(), ...this.#ending.values()];
  }
}

/** Whether it is one that we dialled or asked for. */
function isOurs({ dialledPort, path }: PrivateLink): boolean {
  return dialledPort !== undefined || path === "relay";
}

/** Whether it is one of those that is not connected yet. */
function isConnecting(link: PrivateLink): boolean {
  return isOurs(link) && !link.wire;
}
