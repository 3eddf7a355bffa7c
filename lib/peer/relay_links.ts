import { earliest } from "../protocol/earliest.ts";
import {
  type Met,
  MIN_RELAY_WEIGHT,
  type Parted,
  type Relayed,
  type RelayRequest,
  type Taken,
} from "../protocol/relay.ts";
import { TokenBucket } from "../protocol/token_bucket.ts";
import { MAX_QUEUED_LINK_BYTES } from "./limits.ts";
import type { LinkId } from "./port.ts";
import { RelayLink } from "./relay_link.ts";

/** What becomes of links through the registry. */
export interface RelayLinksHandler {
  /** Tells the registry something. */
  send(request: RelayRequest): void;
  /** A link is there. */
  opened(id: LinkId): void;
  received(id: LinkId, chunk: Uint8Array): void;
  /** A link is over, or did not come about; not told of one that we end. */
  ended(id: LinkId): void;
}

/** What the registry says of links. */
export type RelayLinkNotice = Met | Relayed | Taken | Parted;

/**
 * Private links that go through the registry: `docs/PROTOCOL.md` section 13. To whom they are for they are like connections. What
 * is sent keeps to what the registry takes; what waits is bounded. No sockets, no clock.
 */
export class RelayLinks {
  readonly #handler: RelayLinksHandler;
  readonly #byName = new Map<string, RelayLink>();
  readonly #byId = new Map<LinkId, RelayLink>();
  /** Of links that we have ended: PARTED is still to come. */
  readonly #parting = new Set<string>();
  #bucket: TokenBucket | undefined;
  #now = 0;

  constructor(handler: RelayLinksHandler) {
    this.#handler = handler;
  }

  /** Whether it is one of these. */
  has(id: LinkId): boolean {
    return this.#byId.has(id);
  }

  /** Asks for a link with that session; answered by `opened` or `ended`. */
  meet(id: LinkId, session: string, name: string): void {
    const before = this.#byName.get(name);
    if (before) this.#lose(before);
    const link = new RelayLink(id, name, session);
    this.#byId.set(id, link);
    this.#byName.set(name, link);
    this.#handler.send({ verb: "MEET", session, link: name });
  }

  /** @returns whether the bytes were taken: not if too many wait already */
  send(id: LinkId, bytes: Uint8Array): boolean {
    const link = this.#byId.get(id);
    if (!link) return true;
    if (link.queued + bytes.length > MAX_QUEUED_LINK_BYTES) return false;
    link.push(bytes);
    this.#flush();
    return true;
  }

  /** Bytes sent on a link that the registry has not been given yet. */
  queued(id: LinkId): number {
    return this.#byId.get(id)?.queued ?? 0;
  }

  /** Ends a link; what the registry takes of what waits is sent before. */
  end(id: LinkId): void {
    const link = this.#byId.get(id);
    if (!link) return;
    this.#flush();
    this.#part(link);
  }

  /** The registry says something of a link. */
  told(message: RelayLinkNotice, now: number): void {
    this.#now = now;
    const link = this.#byName.get(message.link);
    if (message.verb === "PARTED" && this.#parting.delete(message.link)) return;
    if (!link || this.#parting.has(message.link)) return;
    switch (message.verb) {
      case "MET":
        return this.#met(link, message);
      case "RELAY":
        if (link.isOpen) this.#handler.received(link.id, link.came(message, now));
        return this.#flush();
      case "TAKEN":
        if (!link.theyTook(message.count)) return this.#lose(link);
        return this.#flush();
      case "PARTED":
        this.#forget(link);
        return this.#handler.ended(link.id);
    }
  }

  /** The connection to the registry is over, and all links with it. */
  offline(): void {
    this.#parting.clear();
    this.#bucket = undefined;
    for (const link of [...this.#byId.values()]) {
      this.#forget(link);
      this.#handler.ended(link.id);
    }
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const times = Array.from(this.#byId.values(), (link) => {
      const next = link.next();
      const weight = typeof next === "object" ? next.weight : undefined;
      const sendAt = weight === undefined ? undefined : this.#at(weight);
      const tellAt = link.nextTimeout();
      return earliest([sendAt, tellAt && Math.max(tellAt, this.#at(MIN_RELAY_WEIGHT))]);
    });
    return earliest(times);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    this.#now = now;
    this.#flush();
  }

  #met(link: RelayLink, met: Met): void {
    if (met.session !== link.session || link.isOpen) return this.#lose(link);
    this.#bucket ??= met.rate === 0 ? undefined : new TokenBucket(met.rate, met.rate);
    link.met(met);
    this.#handler.opened(link.id);
    this.#flush();
  }

  /** Says what may be said now: the links take turns. */
  #flush(): void {
    for (let any = true; any;) {
      any = false;
      for (const link of [...this.#byId.values()]) any = this.#step(link) || any;
    }
  }

  #step(link: RelayLink): boolean {
    const taken = link.due(this.#now);
    if (taken && this.#takes(MIN_RELAY_WEIGHT)) {
      link.told();
      this.#handler.send(taken);
    }
    const next = link.next();
    if (next === "spent") {
      this.#lose(link);
      return false;
    }
    if (!next || !this.#takes(next.weight)) return false;
    link.sent(next.relay, next.weight);
    this.#handler.send(next.relay);
    return true;
  }

  #takes(weight: number): boolean {
    return this.#bucket?.take(weight, this.#now) ?? true;
  }

  #at(weight: number): number {
    return this.#now + (this.#bucket?.wait(weight, this.#now) ?? 0);
  }

  /** Ends a link on which nothing more can be said, and tells whom it is for. */
  #lose(link: RelayLink): void {
    this.#part(link);
    this.#handler.ended(link.id);
  }

  #part(link: RelayLink): void {
    this.#forget(link);
    this.#parting.add(link.name);
    this.#handler.send({ verb: "PART", link: link.name });
  }

  #forget(link: RelayLink): void {
    this.#byId.delete(link.id);
    if (this.#byName.get(link.name) === link) this.#byName.delete(link.name);
  }
}
