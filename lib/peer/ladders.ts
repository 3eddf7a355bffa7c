import type { Endpoint } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { NameKey } from "../protocol/name.ts";
import type { PathMessage } from "../protocol/private.ts";
import { Ladder } from "./ladder.ts";
import type { LinkId, PeerPort } from "./port.ts";
import type { PrivateLink, PrivateLinks } from "./private_links.ts";

/** What {@linkcode Ladders} works with. */
export interface LaddersOptions {
  readonly links: PrivateLinks;
  /** Under which IPs others may reach us. */
  readonly ownIps: () => readonly string[];
  readonly newId: () => string;
  readonly newLinkId: () => LinkId;
  /** Says something to the peer of an open chat. */
  readonly tell: (key: NameKey, message: PathMessage) => void;
  /** The time of what is happening. */
  readonly clock: () => number;
}

/** A session for which a better way is looked for. */
interface Climb {
  readonly key: NameKey;
  readonly peer: KeyedUser;
  readonly offer: string;
  /** Whether the session is of an offer of ours. */
  readonly leads: boolean;
  readonly ladder: Ladder;
  /** Links from a port that was observed, by link. */
  readonly punched: Map<LinkId, LinkId>;
}

/** Better ways for chats that go through the registry: one {@linkcode Ladder} each. No sockets, no clock. */
export class Ladders {
  readonly #o: LaddersOptions;
  readonly #port: PeerPort;
  readonly #byKey = new Map<NameKey, Climb>();

  constructor(options: LaddersOptions, port: PeerPort) {
    this.#o = options;
    this.#port = port;
  }

  /** A chat speaks over that link from now on. */
  moved(link: PrivateLink, leads: boolean, now: number): void {
    this.end(link.key);
    if (link.path !== "relay" || link.offer === undefined) return;
    const climb = this.#climb(link, link.offer, leads);
    this.#byKey.set(link.key, climb);
    climb.ladder.begin(now);
  }

  /** A chat is over, or has a better way. */
  end(key: NameKey): void {
    this.#byKey.get(key)?.ladder.end();
    this.#byKey.delete(key);
  }

  /** Milliseconds to the peer and back over the link that there is; `undefined` if not known. */
  roundTrip(key: NameKey): number | undefined {
    return this.#byKey.get(key)?.ladder.roundTrip || undefined;
  }

  /** What the peer of a chat says of paths. */
  heard(key: NameKey, message: PathMessage, now: number): void {
    const climb = this.#byKey.get(key);
    if (climb) return climb.ladder.heard(message, now);
    if (message.verb === "PING") this.#o.tell(key, { verb: "PONG", number: message.number });
  }

  /** We listen; says whether it is for one of these. */
  listening(id: string, tcpPort: number, now: number): boolean {
    const climb = this.#of(id);
    climb?.ladder.listening(tcpPort, now);
    return climb !== undefined;
  }

  /** A connection to such a port; says whether it is one of these. */
  linkAccepted(id: LinkId, listener: string, remoteIp: string, now: number): boolean {
    const climb = this.#of(listener);
    if (!climb) return false;
    const { key, peer, offer, leads } = climb;
    // The direct way is that to who has made the offer.
    const path = leads ? "direct" : "reversed";
    this.#o.links.accepted(id, { key, peer, id: offer }, remoteIp, now, path);
    return true;
  }

  /** A port of ours is seen so, or nobody tells. */
  observed(probe: LinkId, seen: Endpoint | undefined, now: number): void {
    for (const { ladder } of this.#byKey.values()) if (ladder.observed(probe, seen, now)) return;
    this.#port.unobserve(probe);
  }

  /** A link came to nothing. */
  failed({ id, key }: PrivateLink, now: number): void {
    const climb = this.#byKey.get(key);
    const probe = climb?.punched.get(id);
    if (climb && probe !== undefined) climb.ladder.failed(probe, now);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return earliest(Array.from(this.#byKey.values(), ({ ladder }) => ladder.nextTimeout()));
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    for (const { ladder } of [...this.#byKey.values()]) {
      if ((ladder.nextTimeout() ?? Infinity) <= now) ladder.timeout(now);
    }
  }

  #climb({ key, peer }: PrivateLink, offer: string, leads: boolean): Climb {
    const { newId, newLinkId, ownIps, links, clock } = this.#o;
    const port = this.#port;
    const punched = new Map<LinkId, LinkId>();
    const target = { key, peer, offer };
    const ladder = new Ladder(
      { leads, ownIps: ownIps(), peerIp: peer.ip, newId, newLinkId },
      {
        tell: (message) => this.#o.tell(key, message),
        listen: (id) => port.listen(id, peer.ip),
        unlisten: (id) => port.unlisten(id),
        observe: (probe) => port.observe(probe, newId()),
        unobserve: (probe) => port.unobserve(probe),
        dial: ({ ip, port }) => {
          const path = leads ? "reversed" : "direct";
          links.dial(newLinkId(), { ...target, ip, port, path }, clock());
        },
        punch: (probe, to) => {
          const link = newLinkId();
          punched.set(link, probe);
          const role = leads ? "listener" : "dialler";
          links.punch(link, { ...target, ...to, role, probe }, clock());
        },
      },
    );
    return { key, peer, offer, leads, ladder, punched };
  }

  #of(listener: string): Climb | undefined {
    return [...this.#byKey.values()].find(({ ladder }) => ladder.isListener(listener));
  }
}
