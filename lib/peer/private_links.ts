import { type Endpoint, sameHost } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import type { User } from "../protocol/message.ts";
import type { NameKey } from "../protocol/name.ts";
import type { ChatWire } from "./chat_wire.ts";
import { ClassicChat } from "./classic_chat.ts";
import { FramedChat } from "./framed_chat.ts";
import { CLASSIC_QUIET_MS, CLASSIC_TEXT_GAP_MS, HELLO_MS, MAX_UNNAMED_LINKS } from "./limits.ts";
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
  /** When it opened. */
  openedAt: number | undefined;
  /** Where it is to be dialled once the peer is ready for it. */
  dialTo: Endpoint | undefined;
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
  dialFailed(link: PrivateLink): void;
}

/** All private links of one client: identifies them, and tells their wires' events. */
export class PrivateLinks {
  readonly #self: string;
  readonly #clock: () => number;
  readonly #port: PeerPort;
  readonly #handler: PrivateLinksHandler;
  readonly #links = new Map<LinkId, PrivateLink>();
  /** Closed by our user while texts of theirs still wait to be written. */
  readonly #ending = new Map<LinkId, PrivateLink>();
  /** When the last link of each classic peer ended. */
  readonly #endedAt = new Map<NameKey, number>();

  /** @param clock the time of what is happening, for what is not told it */
  constructor(self: string, port: PeerPort, handler: PrivateLinksHandler, clock: () => number) {
    this.#clock = clock;
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
    const ours = offer !== undefined;
    const link = this.#add({ id, key, peer, offer, ours, role: "dialler", remoteIp: ip }, now);
    link.dialTo = { ip, port };
    this.#dialIfReady(link, now);
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
  accepted(id: LinkId, offer: OutgoingOffer, remoteIp: string, now: number): void {
    const { key, peer, ours } = offer;
    // The peer says who it is at once; whoever connects and keeps silent makes room for it.
    const unnamed = this.#of(key)
      .filter((link) => link.role === "listener" && link.deadline !== undefined);
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
    const ending = this.#ending.get(id);
    if (ending) return this.#finish(ending, "lost");
    const link = this.#links.get(id);
    // The original ends a chat by closing; between ours that is a break.
    if (link) this.#fail(link, link.classic ? "quit" : link.wire ? "lost" : "unreachable");
  }

  /**
   * Ends a link once all texts are written, telling the peer why where its protocol can. No event of it
   * follows.
   */
  close(link: PrivateLink, reason: string): void {
    if (!this.#links.delete(link.id)) return;
    if (link.wire && link.wire.pending > 0) this.#ending.set(link.id, link);
    else this.#finish(link, reason);
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

  /** Ends all links of `key` that are not open. */
  closeUnopened(key: NameKey): void {
    for (const link of this.#of(key)) {
      if (link.deadline !== undefined) this.close(link, "closed");
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
        link.dialTo && this.quietUntil(link.key, this.#clock()),
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
      if (link.deadline !== undefined && link.deadline <= now) this.#fail(link, "no-answer");
      else link.wire?.timeout(now);
    }
  }

  #add(
    facts: Pick<PrivateLink, "id" | "key" | "peer" | "offer" | "ours" | "role" | "remoteIp">,
    now: number,
  ): PrivateLink {
    const link = {
      ...facts,
      deadline: now + HELLO_MS,
      openedAt: undefined,
      dialTo: undefined,
      classic: undefined,
      wire: undefined,
    };
    this.#links.set(link.id, link);
    return link;
  }

  #dialIfReady(link: PrivateLink, now: number): void {
    const { dialTo, key, ours } = link;
    if (!dialTo) return;
    link.deadline = now + HELLO_MS;
    if (!ours && this.quietUntil(key, now) > now) return;
    link.dialTo = undefined;
    this.#port.dial(link.id, dialTo);
  }

  /** The last of a link: nothing of it is remembered but that a classic peer needs a moment. */
  #finish(link: PrivateLink, reason: string): void {
    this.#links.delete(link.id);
    this.#ending.delete(link.id);
    link.wire?.close(reason);
    this.#port.endLink(link.id);
    if (link.classic) this.#endedAt.set(link.key, this.#clock());
  }

  #wire(link: PrivateLink, now: number): ChatWire {
    const handler = {
      send: (bytes: Uint8Array) => {
        if (!this.#port.sendLink(link.id, bytes)) this.#fail(link, "slow");
      },
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
    link.openedAt = this.#clock();
    this.#handler.linkOpened(link);
  }

  #fail(link: PrivateLink, reason: string): void {
    if (!this.#links.has(link.id)) return;
    this.#finish(link, reason);
    if (link.deadline === undefined) this.#handler.linkClosed(link, reason);
    else if (link.role === "dialler") this.#handler.dialFailed(link);
  }

  #of(key: NameKey): PrivateLink[] {
    return [...this.#links.values()].filter((link) => link.key === key);
  }

  #all(): PrivateLink[] {
    return [...this.#links.values(), ...this.#ending.values()];
  }
}
