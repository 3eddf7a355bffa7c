import { type Endpoint, isLoopback, isNoHost } from "../protocol/address.ts";
import { earliest } from "../protocol/earliest.ts";
import { MAX_PATHS, type PathMessage, type Paths } from "../protocol/private.ts";
import {
  GO_REPLY_MS,
  LADDER_PAUSES_MS,
  MAX_PATHS_HEARD,
  MAX_PUNCHES,
  PATHS_AFTER_MS,
  PING_GAP_MS,
  PINGS,
  PUNCH_AFTER_MS,
  PUNCH_MS,
  ROUND_MS,
} from "./limits.ts";
import type { LinkId } from "./port.ts";

/** What a {@linkcode Ladder} asks for. */
export interface LadderHandler {
  /** Says something to the peer, over the link that there is. */
  tell(message: PathMessage): void;
  /** Listens; answered by `listening`, or not. */
  listen(id: string): void;
  unlisten(id: string): void;
  /** Connects to the registry from a port of its own to learn how that is seen; answered by `observed`. */
  observe(probe: LinkId): void;
  /** Forgets that port. */
  unobserve(probe: LinkId): void;
  /** Dials the peer. */
  dial(to: Endpoint): void;
  /** Dials the peer from the port of `probe`, as it does to us; answered by `failed` if that comes to nothing. */
  punch(probe: LinkId, to: Endpoint): void;
}

/** What a {@linkcode Ladder} works with. */
export interface LadderOptions {
  /** Whether the session is of an offer of ours: then we say when both dial. */
  readonly leads: boolean;
  /** Under which IP we are registered, and which one this machine has. */
  readonly ownIps: readonly string[];
  /** Under which one the peer is registered. */
  readonly peerIp: string;
  readonly newId: () => string;
  readonly newLinkId: () => LinkId;
}

/** Where a port of ours is seen; `undefined` where the registry does not tell. */
interface Probe {
  readonly id: LinkId;
  seen: Endpoint | undefined;
  isKnown: boolean;
}

/** One attempt of both to dial each other at once. */
interface Punch {
  readonly attempt: number;
  readonly probe: Probe;
  /** Where the peer dials from, once it has told. */
  theirs: Endpoint | undefined;
  hasTold: boolean;
  /** When we dial. */
  at: number | undefined;
  /** When it has come to nothing. */
  until: number;
}

/**
 * Looks for a better way than through the registry, for one session: `docs/PROTOCOL.md` 9.7. Both listen and tell each other
 * where, and dial what they are told; then both dial each other at once, up to three times. If nothing comes of it, all
 * again later. No sockets, no clock.
 */
export class Ladder {
  readonly #o: LadderOptions;
  readonly #handler: LadderHandler;
  #round = 0;
  #startedAt = 0;
  #listener: string | undefined;
  #tcpPort: number | undefined;
  /** The first port that was observed in this round. */
  #first: Probe | undefined;
  /** Under which IP we are seen, as it was told to the peer; `-` where it was not known. */
  #told: string | undefined;
  /** What the peer has told in this round last, how often, and what of it was dialled. */
  #theirs: Paths | undefined;
  #heardPaths = 0;
  readonly #dialled = new Set<string>();
  #punch: Punch | undefined;
  #punches = 0;
  /** When the peer is to be told to dial. */
  #punchAt: number | undefined;
  /** When the round is over for who does not lead, and when the next one begins: who leads begins it. */
  #restAt: number | undefined;
  #againAt: number | undefined;
  /** When each PING of this round was sent, and when the next is. */
  #pings: number[] = [];
  #pingAt: number | undefined;
  /** The shortest that was seen: what is longer has waited somewhere. */
  #halfTrip = Infinity;

  constructor(options: LadderOptions, handler: LadderHandler) {
    this.#o = options;
    this.#handler = handler;
  }

  /** Round trip to the peer over the link that there is, in milliseconds; 0 if not known. */
  get roundTrip(): number {
    return this.#halfTrip === Infinity ? 0 : 2 * this.#halfTrip;
  }

  /** Begins a round. */
  begin(now: number): void {
    this.end();
    this.#round++;
    this.#startedAt = now;
    this.#againAt = undefined;
    this.#told = undefined;
    this.#heardPaths = 0;
    this.#dialled.clear();
    this.#punches = 0;
    this.#punchAt = this.#o.leads ? now + PUNCH_AFTER_MS : undefined;
    if (!this.#o.leads) this.#restAt = now + ROUND_MS;
    this.#pings = [];
    this.#ping(now);
    this.#first = this.#newProbe();
    this.#listener = this.#o.newId();
    this.#handler.listen(this.#listener);
  }

  /** Ends what is under way. */
  end(): void {
    if (this.#listener) this.#handler.unlisten(this.#listener);
    for (const probe of [this.#first, this.#punch?.probe]) {
      if (probe) this.#handler.unobserve(probe.id);
    }
    this.#listener =
      this.#tcpPort =
      this.#first =
      this.#punch =
      this.#theirs =
        undefined;
    this.#pingAt =
      this.#punchAt =
      this.#restAt =
      this.#againAt =
        undefined;
  }

  /** Whether it is ours. */
  isListener(id: string): boolean {
    return this.#listener === id;
  }

  /** We listen on that port. */
  listening(tcpPort: number, now: number): void {
    this.#tcpPort = tcpPort;
    this.#step(now);
  }

  /** A port of ours is seen so, or nobody tells; says whether it is one of this session. */
  observed(id: LinkId, seen: Endpoint | undefined, now: number): boolean {
    const probe = [this.#first, this.#punch?.probe].find((each) => each?.id === id);
    if (!probe) return false;
    probe.isKnown = true;
    probe.seen = seen;
    this.#step(now);
    return true;
  }

  /** What the peer says of paths. */
  heard(message: PathMessage, now: number): void {
    switch (message.verb) {
      case "PING":
        return this.#handler.tell({ verb: "PONG", number: message.number });
      case "PONG":
        return this.#pong(message.number, now);
      case "PATHS":
        if (!this.#listener && now >= this.#startedAt + ROUND_MS) this.begin(now);
        // The first may have been told before its sender knew how it is seen.
        if (this.#heardPaths++ < MAX_PATHS_HEARD) this.#theirs = message;
        return this.#step(now);
      case "GO":
        return this.#go(message.attempt, message.from, now);
    }
  }

  #ping(now: number): void {
    this.#handler.tell({ verb: "PING", number: this.#pings.length });
    this.#pings.push(now);
    this.#pingAt = this.#pings.length < PINGS ? now + PING_GAP_MS : undefined;
  }

  #pong(number: number, now: number): void {
    const sent = this.#pings[number];
    if (sent !== undefined) this.#halfTrip = Math.min(this.#halfTrip, (now - sent) / 2);
  }

  /** A link from the port of `probe` came to nothing. */
  failed(probe: LinkId, now: number): void {
    if (this.#punch?.probe.id === probe) this.#punchEnded(now);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const toldBy = this.#tcpPort !== undefined && this.#told === undefined
      ? this.#startedAt + PATHS_AFTER_MS
      : undefined;
    const { at, until } = this.#punch ?? {};
    return earliest([this.#pingAt, toldBy, this.#punchAt, this.#restAt, this.#againAt, at, until]);
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    if (this.#againAt !== undefined && this.#againAt <= now) return this.begin(now);
    if (this.#restAt !== undefined && this.#restAt <= now) return this.end();
    if (this.#pingAt !== undefined && this.#pingAt <= now) this.#ping(now);
    if (this.#punch && this.#punch.until <= now) this.#punchEnded(now);
    if (this.#punchAt !== undefined && this.#punchAt <= now) this.#lead(now);
    this.#step(now);
  }

  /** Does what has become possible. */
  #step(now: number): void {
    this.#tellPaths(now);
    this.#dialTheirs(now);
    this.#stepPunch(now);
  }

  #tellPaths(now: number): void {
    const port = this.#tcpPort;
    const first = this.#first;
    if (port === undefined || (!first?.isKnown && now < this.#startedAt + PATHS_AFTER_MS)) return;
    const seen = first?.seen?.ip;
    if (this.#told !== undefined && (this.#told !== "-" || seen === undefined)) return;
    this.#told = seen ?? "-";
    const ips = [...this.#o.ownIps, ...(seen === undefined ? [] : [seen])];
    const at = [...new Set(ips)].slice(0, MAX_PATHS).map((ip) => ({ ip, port }));
    this.#handler.tell({ verb: "PATHS", seen, at });
  }

  /**
   * Dials where the peer says that it listens: under the IP that it is registered or seen under; at others, which are of a network
   * of its own, only if it is seen under the same IP as we are.
   */
  #dialTheirs(now: number): void {
    const { seen, at } = this.#theirs ?? {};
    const isKnown = this.#first?.isKnown || now >= this.#startedAt + PATHS_AFTER_MS;
    if (!at || !isKnown) return;
    const isNear = seen !== undefined && seen === this.#first?.seen?.ip;
    // The near ones first.
    for (const to of isNear ? at : at.filter(({ ip }) => ip === seen || ip === this.#o.peerIp)) {
      const name = `${to.ip} ${to.port}`;
      if (this.#dialled.has(name) || !this.#mayDial(to.ip)) continue;
      this.#dialled.add(name);
      this.#handler.dial(to);
    }
  }

  /** Nobody has us dial what is no host, or this machine of ours. */
  #mayDial(ip: string): boolean {
    return !isNoHost(ip) && (!isLoopback(ip) || this.#o.ownIps.some(isLoopback));
  }

  /** We lead: the next attempt begins. */
  #lead(now: number): void {
    this.#punchAt = undefined;
    this.#begin(++this.#punches, undefined, now);
  }

  /** The peer dials from there, and so do we. */
  #go(attempt: number, from: Endpoint, now: number): void {
    const isNext = attempt === this.#punches + 1 && attempt <= MAX_PUNCHES;
    if (!this.#o.leads && isNext && this.#listener !== undefined) {
      if (this.#punch) this.#forget(this.#punch);
      this.#punches = attempt;
      this.#begin(attempt, from, now);
    } else if (this.#o.leads && this.#punch?.attempt === attempt && !this.#punch.theirs) {
      this.#punch.theirs = from;
      this.#punch.at = now;
      this.#step(now);
    }
  }

  #begin(attempt: number, theirs: Endpoint | undefined, now: number): void {
    // The first attempt is made from the port that was observed at the beginning.
    const probe = attempt === 1 && this.#first ? this.#first : this.#newProbe();
    const until = now + GO_REPLY_MS;
    this.#punch = { attempt, probe, theirs, hasTold: false, at: undefined, until };
    this.#step(now);
  }

  #stepPunch(now: number): void {
    const punch = this.#punch;
    if (!punch?.probe.isKnown) return;
    const { attempt, probe: { id, seen }, theirs } = punch;
    if (!seen) return this.#punchEnded(now);
    if (!punch.hasTold) {
      punch.hasTold = true;
      this.#handler.tell({ verb: "GO", attempt, from: seen });
      // It dials when it hears this.
      if (theirs) punch.at = now + this.roundTrip / 2;
    }
    if (!theirs || punch.at === undefined || punch.at > now) return;
    punch.at = undefined;
    punch.until = now + PUNCH_MS;
    if (this.#mayDial(theirs.ip)) this.#handler.punch(id, theirs);
  }

  #punchEnded(now: number): void {
    const punch = this.#punch;
    if (!punch) return;
    this.#forget(punch);
    if (!this.#o.leads) return;
    // Where nobody tells how we are seen there is no use in it.
    if (punch.probe.seen && this.#punches < MAX_PUNCHES) this.#punchAt = now;
    else this.#rest(now);
  }

  /** We lead, and nothing has come of this round. */
  #rest(now: number): void {
    this.end();
    this.#againAt = now + this.#pause();
  }

  #forget(punch: Punch): void {
    this.#handler.unobserve(punch.probe.id);
    if (this.#punch === punch) this.#punch = undefined;
  }

  #newProbe(): Probe {
    const probe = { id: this.#o.newLinkId(), seen: undefined, isKnown: false };
    this.#handler.observe(probe.id);
    return probe;
  }

  #pause(): number {
    return LADDER_PAUSES_MS[Math.min(this.#round, LADDER_PAUSES_MS.length) - 1] ?? Infinity;
  }
}
