import { type Endpoint, sameHost } from "../protocol/address.ts";
import type { Answer } from "../protocol/datagram.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import { nameKey } from "../protocol/name.ts";
import { MAX_PIPE_OFFERS, MAX_QUEUED_PIPE_BYTES, MAX_UNNAMED_LINKS } from "./limits.ts";
import { offerDatagram } from "./offer_datagram.ts";
import { OutgoingOffer } from "./outgoing_offer.ts";
import { type PipeLink, PipeSide } from "./pipe_side.ts";
import { PipeSource } from "./pipe_source.ts";
import type { PipeProgress } from "./pipe_task.ts";
import type { PipeWireHandler } from "./pipe_wire.ts";
import type { LinkId } from "./port.ts";

/**
 * The side that sends: offers its bytes to every session of the name, as which of them is the one that takes bytes only
 * that one knows. The first that proves who it is gets them.
 */
export class PipeOffering extends PipeSide<PipeSource> {
  /** By the session that they are for; of one that came to nothing, too, so that it is not made anew. */
  readonly #offers = new Map<string, OutgoingOffer>();
  readonly #over = new Set<string>();
  #isFull = false;

  override get progress(): PipeProgress {
    const wire = this.open?.wire;
    return { total: wire?.total ?? 0, confirmed: wire?.confirmed ?? 0 };
  }

  /** Where to put the next bytes, for {@linkcode filled}; empty if there is no link. */
  get room(): Uint8Array {
    return this.open?.wire?.room ?? new Uint8Array(0);
  }

  /**
   * Sends what was put there.
   *
   * @returns whether more may be sent; if not, `writable` tells when
   */
  filled(count: number): boolean {
    const { open } = this;
    if (!open?.wire || this.hasEnded) return false;
    open.wire.filled(count);
    this.#isFull = this.port.queued(open.id) > MAX_QUEUED_PIPE_BYTES;
    return !this.#isFull;
  }

  /** There is no more. */
  finish(): void {
    this.open?.wire?.end();
  }

  /** The port for an offer of ours is there; says whether it is one. */
  listening(id: string, tcpPort: number, now: number): boolean {
    this.now = now;
    const offer = this.#byId(id);
    offer?.listening(tcpPort, now);
    if (offer) this.#sendDue(offer);
    return offer !== undefined;
  }

  /** No port can be had for an offer of ours; says whether it is one. */
  listenFailed(id: string): boolean {
    const offer = this.#byId(id);
    if (offer) this.#giveUp(offer);
    return offer !== undefined;
  }

  /** A connection to the port of an offer of ours; says whether it is one. */
  linkAccepted(link: LinkId, id: string, now: number): boolean {
    this.now = now;
    const offer = this.#byId(id);
    if (!offer) return false;
    const unnamed = [...this.links.values()].filter((other) => other.offer === id);
    const [oldest] = unnamed;
    // Whoever connects and keeps silent makes room for the one who is meant.
    if (oldest && unnamed.length >= MAX_UNNAMED_LINKS) {
      this.links.delete(oldest.id);
      this.port.endLink(oldest.id);
    }
    this.add(link, offer.peer, id);
    return true;
  }

  override linkDrained(id: LinkId): void {
    if (!this.#isFull || this.open?.id !== id || this.hasEnded) return;
    this.#isFull = false;
    this.task.handler.writable();
  }

  override answered({ offer: id, state }: Answer, from: Endpoint, now: number): void {
    this.now = now;
    const offer = this.#byId(id);
    if (!offer || !sameHost(offer.peer.ip, from.ip)) return;
    offer.answered(state, now);
    if (state === "expired") this.#giveUp(offer);
    if (state === "rejected") this.end("rejected");
  }

  override nextTimeout(): number | undefined {
    if (this.hasEnded) return undefined;
    const offers = Array.from(this.#offers.values(), (offer) => offer.nextTimeout());
    return earliest([super.nextTimeout(), ...offers]);
  }

  override timeout(now: number): void {
    super.timeout(now);
    for (const offer of [...this.#offers.values()]) this.#sendDue(offer);
  }

  protected override sessionChanged(username: string, user: KeyedUser | undefined): void {
    for (const offer of [...this.#offers.values()]) {
      const gone = offer.key === nameKey(username) && offer.peer.session !== user?.session;
      if (gone) this.#giveUp(offer);
    }
    if (!user || this.#offers.has(user.session) || this.#over.has(user.session)) return;
    if (this.#offers.size >= MAX_PIPE_OFFERS) return;
    const counter = this.o.self.nextCounter();
    const offer = new OutgoingOffer(this.o.newId(), nameKey(username), user, counter, "pipe");
    this.#offers.set(user.session, offer);
    this.port.listen(offer.id, user.ip);
  }

  protected override newWire(link: PipeLink<PipeSource>, handler: PipeWireHandler): PipeSource {
    return new PipeSource(this.linkOptions(link, "listener"), handler);
  }

  /** Whoever it was that dialled: the offer stands. */
  protected override linkFailed(): void {}

  protected override withdraw(): void {
    for (const offer of [...this.#offers.values()]) this.#giveUp(offer);
  }

  #sendDue(offer: OutgoingOffer): void {
    const { peer, tcpPort } = offer;
    if (tcpPort === undefined) return;
    for (let due = offer.due(this.now); due; due = offer.due(this.now)) {
      if (due !== "send") return this.#giveUp(offer);
      const to = { ip: peer.ip, port: peer.udpPort };
      this.port.sendDatagram(offerDatagram(this.o.self, offer, peer, tcpPort), to);
    }
  }

  #giveUp(offer: OutgoingOffer): void {
    this.#offers.delete(offer.peer.session);
    this.#over.add(offer.peer.session);
    this.port.unlisten(offer.id);
  }

  #byId(id: string): OutgoingOffer | undefined {
    return [...this.#offers.values()].find((offer) => offer.id === id);
  }
}
