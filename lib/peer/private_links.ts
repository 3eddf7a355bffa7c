import { sameHost } from "../protocol/address.ts";
import type { User } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import type { ChatWire } from "./chat_wire.ts";
import { ClassicChat } from "./classic_chat.ts";
import { FramedChat } from "./framed_chat.ts";
import { HELLO_MS, MAX_UNNAMED_LINKS } from "./limits.ts";
import type { OutgoingOffer } from "./outgoing_offer.ts";
import type { LinkId, PeerPort } from "./port.ts";

/** One private TCP connection. */
export interface PrivateLink {
  readonly id: LinkId;
  readonly key: NameKey;
  readonly peer: User;
  /** The id of the offer it answers; `undefined` for a classic peer's offer. */
  readonly offer: string | undefined;
  readonly role: "dialler" | "listener";
  readonly remoteIp: string;
  /** A classic peer cannot be held to prove anything; ours must not be spoken to in its way. */
  readonly ours: boolean;
  /** Until when it has to be open; `undefined` once it is. */
  deadline: number | undefined;
  /** Whether the peer is the original program; `undefined` until its first byte. */
  classic: boolean | undefined;
  wire: ChatWire | undefined;
}

/** What becomes of links. */
export interface PrivateLinksHandler {
  /** Both sides know each other. */
  linkOpened(link: PrivateLink): void;
  linkText(link: PrivateLink, text: string): void;
  /** An open link is over. */
  linkClosed(link: PrivateLink, reason: string): void;
  /** A link that we dialled came to nothing. */
  dialFailed(link: PrivateLink, reason: string): void;
}

/** All private links of one client: identifies them, and tells their wires' events. */
export class PrivateLinks {
  readonly #self: string;
  readonly #port: PeerPort;
  readonly #handler: PrivateLinksHandler;
  readonly #links = new Map<LinkId, PrivateLink>();

  constructor(self: string, port: PeerPort, handler: PrivateLinksHandler) {
    this.#self = self;
    this.#port = port;
    this.#handler = handler;
  }

  /** Dials a peer whose offer was accepted; `offer` is `undefined` for a classic one. */
  dial(
    id: LinkId,
    target: { key: NameKey; peer: User; offer: string | undefined; ip: string; port: number },
    now: number,
  ): void {
    const { key, peer, offer, ip, port } = target;
    this.#add(
      { id, key, peer, offer, ours: offer !== undefined, role: "dialler", remoteIp: ip },
      now,
    );
    this.#port.dial(id, { ip, port });
  }

  /** A connection to the port of one of our offers. */
  accepted(id: LinkId, offer: OutgoingOffer, remoteIp: string, now: number): void {
    const { key, peer, ours } = offer;
    // The peer says who it is at once; whoever connects and keeps silent makes room for it.
    const unnamed = this.#of(key).filter((link) => link.deadline !== undefined);
    const [oldest] = unnamed;
    if (oldest && unnamed.length >= MAX_UNNAMED_LINKS) this.close(oldest, "closed");
    this.#add({ id, key, peer, offer: offer.id, ours, role: "listener", remoteIp }, now);
  }

  /** A link that we dialled is connected. */
  opened(id: LinkId, now: number): void {
    const link = this.#links.get(id);
    if (!link) return;
    link.classic = link.offer === undefined;
    link.wire = this.#wire(link, now);
    if (link.classic) this.#open(link);
  }

  /** Bytes on a link. */
  receive(id: LinkId, chunk: Uint8Array, now: number): void {
    const link = this.#links.get(id);
    if (!link) return;
    if (!link.wire) {
      link.classic = chunk[0] !== 0;
      if (link.classic && (link.ours || !sameHost(link.remoteIp, link.peer.ip))) {
        return this.#fail(link, "bad-frame");
      }
      link.wire = this.#wire(link, now);
    }
    link.wire.receive(chunk, now);
  }

  /** A link is over, or could not be made. */
  ended(id: LinkId): void {
    const link = this.#links.get(id);
    // The original ends a chat by closing; between ours that is a break.
    if (link) this.#fail(link, link.classic ? "quit" : link.wire ? "lost" : "unreachable");
  }

  /** Ends a link, telling the peer why where its protocol can. No event of it follows. */
  close(link: PrivateLink, reason: string): void {
    if (!this.#links.delete(link.id)) return;
    link.wire?.close(reason);
    this.#port.endLink(link.id);
  }

  /** Ends all links of `key` that are not open. */
  closeUnopened(key: NameKey): void {
    for (const link of this.#of(key)) {
      if (link.deadline !== undefined) this.close(link, "closed");
    }
  }

  /** Whether texts still wait for their time. */
  get busy(): boolean {
    return this.#all().some((link) => link.wire?.busy ?? false);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const times = this.#all().flatMap((link) => [link.deadline, link.wire?.nextTimeout()]);
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    for (const link of this.#all()) {
      if (link.deadline !== undefined && link.deadline <= now) this.#fail(link, "no-answer");
      else link.wire?.timeout(now);
    }
  }

  #add(link: Omit<PrivateLink, "deadline" | "classic" | "wire">, now: number): void {
    const rest = { deadline: now + HELLO_MS, classic: undefined, wire: undefined };
    this.#links.set(link.id, { ...link, ...rest });
  }

  #wire(link: PrivateLink, now: number): ChatWire {
    const handler = {
      send: (bytes: Uint8Array) => this.#port.sendLink(link.id, bytes),
      opened: () => this.#open(link),
      text: (text: string) => this.#handler.linkText(link, text),
      closed: (reason: string) => this.#fail(link, reason),
    };
    const { role, offer } = link;
    const names = { role, self: this.#self, peer: link.peer.username };
    if (link.classic || offer === undefined) return new ClassicChat(names, handler, now);
    return new FramedChat({ ...names, offer }, handler);
  }

  #open(link: PrivateLink): void {
    link.deadline = undefined;
    this.#handler.linkOpened(link);
  }

  #fail(link: PrivateLink, reason: string): void {
    if (!this.#links.delete(link.id)) return;
    this.#port.endLink(link.id);
    if (link.deadline === undefined) this.#handler.linkClosed(link, reason);
    else if (link.role === "dialler") this.#handler.dialFailed(link, reason);
  }

  #of(key: NameKey): PrivateLink[] {
    return this.#all().filter((link) => link.key === key);
  }

  #all(): PrivateLink[] {
    return [...this.#links.values()];
  }
}
