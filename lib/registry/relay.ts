import { earliest } from "../protocol/earliest.ts";
import { badMessage } from "../protocol/fields.ts";
import { encodeFrame } from "../protocol/frame.ts";
import {
  formatRelay,
  type Meet,
  MIN_RELAY_WEIGHT,
  type Part,
  type PartedReason,
  type Pass,
  type RelayNotice,
  relayWeight,
  type UnpassedReason,
} from "../protocol/relay.ts";
import { BoundedMap } from "../store/bounded_map.ts";
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import {
  MAX_LINKS,
  MAX_LINKS_OF_SESSION,
  MAX_RELAY_PAIRS,
  RELAY_PAIR_MS,
  RELAY_PAIR_TOTAL,
  RELAY_SECONDS,
  RELAY_TOTAL,
  RELAY_WEIGHT_PER_SECOND,
  RELAY_WINDOW,
} from "./limits.ts";
import { Meetings } from "./meetings.ts";
import { type PairUse, RelayEnd } from "./relay_end.ts";
import { hasRelayData, relayVerb, takenCount } from "./relay_frames.ts";
import { type RelayConnection, RelayMember } from "./relay_member.ts";
import { RelayQueues } from "./relay_queues.ts";
import type { SessionId } from "./room.ts";

/** What a {@linkcode Relay} works with. */
export interface RelayParts {
  readonly clock: Clock;
  readonly counters: Counters;
  /** Whether rates and totals are held to. */
  readonly isHeld: boolean;
  /** Has {@linkcode Relay.flush} called once the current turn is over. */
  readonly schedule: () => void;
  /** Tells somebody something in its place among all that it is told. */
  readonly tell: (id: SessionId, message: RelayNotice) => void;
}

/**
 * Private links that go through the registry, as their two clients cannot reach each other.
 *
 * - Nobody hears of a link, nor can say anything on it, before both have asked for it by naming each other.
 * - What is said is handed on in the very bytes in which it came; nothing of it is read but its form.
 * - What waits for one direction of a link MUST NOT pass `RELAY_WINDOW`, and that of all links `MAX_RELAY_QUEUED`. It is
 *   handed on only while few bytes are queued for its reader: what all are told hardly waits for it.
 * - The links of one reader take turns, of as many bytes each.
 * - All that it knows of a connection ends with that connection.
 */
export class Relay {
  readonly #parts: RelayParts;
  readonly #members = new Map<SessionId, RelayMember>();
  readonly #bySession = new Map<string, RelayMember>();
  readonly #meetings = new Meetings();
  readonly #pairs = new BoundedMap<string, PairUse>(MAX_RELAY_PAIRS);
  /** One end of each link, in the order in which their time is over. */
  readonly #links = new Set<RelayEnd>();
  readonly #queues: RelayQueues;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#queues = new RelayQueues(parts.clock, parts.schedule);
  }

  /** Links that are open. */
  get links(): number {
    return this.#links.size;
  }

  /** Weight of what waits for its readers. */
  get queued(): number {
    return this.#queues.queued;
  }

  /** Somebody is in the room on that connection. */
  entered(connection: RelayConnection, session: string): void {
    const key = connection.proof.relayKey;
    const member = new RelayMember(connection, session, key, this.#parts.isHeld);
    connection.session.isRelaying = key !== undefined;
    this.#members.set(connection.id, member);
    this.#bySession.set(session, member);
  }

  /** A connection is over; `how`: whether its session may be back. */
  over(id: SessionId, how: "gone" | "lost"): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    if (this.#bySession.get(member.session) === member) this.#bySession.delete(member.session);
    for (const link of [...member.waiting.keys()]) this.#meetings.end(member, link);
    for (const end of [...member.ends]) this.#end(end, how);
    this.#queues.forget(member);
  }

  /**
   * Hands on an offer or an answer.
   *
   * @throws {ProtocolError} `bad-message`
   */
  pass(id: SessionId, { session, datagram }: Pass): void {
    const { tell, counters, clock: { now } } = this.#parts;
    const member = this.#member(id);
    if (session === member.session) throw badMessage("that is your own session");
    const to = this.#bySession.get(session);
    const refuse = (reason: UnpassedReason): void => {
      counters.unpassed[reason]++;
      tell(id, { verb: "UNPASSED", session, reason });
    };
    if (!to) return refuse("gone");
    if (to.key === undefined) return refuse("unable");
    if (!to.mayBePassed(now)) return refuse("busy");
    counters.passed++;
    tell(to.recipient.id, { verb: "PASSED", session: member.session, datagram });
  }

  /**
   * Somebody wants a link with somebody.
   *
   * @throws {ProtocolError} `bad-message`
   */
  meet(id: SessionId, { session, link }: Meet): void {
    const member = this.#member(id);
    if (session === member.session) throw badMessage("that is your own session");
    if (this.#meetings.has(member, session, link)) return;
    if (member.waiting.has(link) || member.ends.some((end) => end.link === link)) {
      throw badMessage("that link is in use");
    }
    if (member.ends.length + member.waiting.size >= MAX_LINKS_OF_SESSION) {
      return this.#refuse(member, link, "full");
    }
    const other = this.#meetings.take(member, session, link);
    if (other) return this.#open(link, other, member);
    if (this.#meetings.isFull) return this.#refuse(member, link, "full");
    this.#meetings.add(member, session, link, this.#parts.clock.now);
  }

  /**
   * Somebody wants a link no more.
   *
   * @throws {ProtocolError} `bad-message`
   */
  part(id: SessionId, { link }: Part): void {
    const member = this.#member(id);
    const end = member.ends.find((each) => each.link === link);
    if (end) this.#end(end, "closed");
    else if (this.#meetings.end(member, link)) this.#refuse(member, link, "closed");
    else if (!member.knew(link)) throw noSuchLink();
  }

  /** Takes a payload if it is a RELAY or TAKEN of good form, on a link where it may be said or could be not long ago. */
  take(id: SessionId, payload: Uint8Array): boolean {
    const verb = relayVerb(payload);
    const member = verb && this.#members.get(id);
    if (!member) return false;
    const weight = verb === "RELAY" ? relayWeight(payload.length) : MIN_RELAY_WEIGHT;
    const count = verb === "TAKEN" ? takenCount(payload) : undefined;
    if (verb === "RELAY" ? !hasRelayData(payload) : count === undefined) return false;
    const end = member.endOf(payload);
    if (!end) return member.isLate(payload, weight);
    const { peer } = end;
    if (count !== undefined && !end.took(count)) return false;
    if (!member.mayTell(weight, this.#parts.clock.now)) this.#end(end, "rate");
    else if (count !== undefined) this.#queues.makeReady(peer);
    else this.#relay(end, payload, weight);
    return true;
  }

  /** What waits for somebody has come down to `LOW_WATER_BYTES`. */
  drained(id: SessionId): void {
    const member = this.#members.get(id);
    if (member) this.#queues.handOn(member);
  }

  /** Hands on what was said in this turn: one write for each who is told. */
  flush(): void {
    this.#queues.flush();
  }

  /** When {@linkcode Relay.timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const [oldest] = this.#links;
    return earliest([this.#meetings.nextTimeout(), oldest?.until, this.#queues.nextTimeout()]);
  }

  /** Ends what has taken too long. */
  timeout(): void {
    const { now } = this.#parts.clock;
    for (const { member, link } of this.#meetings.expired(now)) {
      this.#refuse(member, link, "expired");
    }
    for (const end of this.#links) {
      if (end.until > now) break;
      this.#end(end, "time");
    }
    for (const end of this.#queues.expired()) {
      if (end.ending === undefined) this.#end(end, "slow");
      else this.#part(end, end.ending);
    }
  }

  #relay({ peer, pair }: RelayEnd, payload: Uint8Array, weight: number): void {
    const { isHeld, counters, clock: { now } } = this.#parts;
    if (!peer.hasRoom(weight)) return this.#end(peer, "window");
    if (now - pair.since >= RELAY_PAIR_MS) Object.assign(pair, { since: now, weight: 0 });
    const isOver = peer.come + weight > RELAY_TOTAL || pair.weight + weight > RELAY_PAIR_TOTAL;
    if (isHeld && isOver) return this.#end(peer, "bytes");
    if (!this.#queues.hasRoom(weight)) return this.#end(peer, "full");
    pair.weight += weight;
    counters.relayed++;
    counters.relayedBytes += payload.length;
    this.#queues.push(peer, payload);
  }

  #open(link: string, first: RelayMember, second: RelayMember): void {
    const { counters, clock: { now }, isHeld } = this.#parts;
    if (this.#links.size >= MAX_LINKS) {
      this.#refuse(first, link, "full");
      return this.#refuse(second, link, "full", 0);
    }
    const key = [first.key, second.key].toSorted().join(" ");
    const pair = this.#pairs.get(key) ?? { since: now, weight: 0 };
    // Last used last: it is the oldest that is forgotten.
    this.#pairs.set(key, pair);
    const until = now + 1_000 * RELAY_SECONDS;
    const ends = [first, second].map((member) => new RelayEnd(link, member, until, pair));
    const [one, other] = ends;
    if (!one || !other) return;
    RelayEnd.join(one, other);
    this.#links.add(one);
    counters.relayLinks++;
    const [rate, total] = isHeld ? [RELAY_WEIGHT_PER_SECOND, RELAY_TOTAL] : [0, 0];
    for (const { member, peer } of ends) {
      const { session } = peer.member;
      const limits = { window: RELAY_WINDOW, rate, total, seconds: RELAY_SECONDS };
      member.recipient.send(encodeFrame(formatRelay({ verb: "MET", link, session, ...limits })));
    }
    for (const end of ends) end.member.began(end);
  }

  /** No link comes of what somebody wanted. */
  #refuse(member: RelayMember, link: string, reason: PartedReason, count = 1): void {
    this.#parts.counters.relayEnds[reason] += count;
    member.recipient.send(encodeFrame(formatRelay({ verb: "PARTED", link, reason })));
  }

  /**
   * A link is over, by what the member of `end` did or did not do. Where it was no fault, the other one is first handed what
   * waits for it.
   */
  #end(end: RelayEnd, reason: PartedReason): void {
    const { peer } = end;
    this.#parts.counters.relayEnds[reason]++;
    this.#links.delete(end);
    this.#links.delete(peer);
    for (const { member, link } of [end, peer]) {
      const at = member.ends.findIndex((each) => each.link === link);
      member.ends.splice(at, 1);
      member.lost(link);
    }
    this.#part(end, reason);
    const isFault = reason !== "closed" && reason !== "gone" && reason !== "lost";
    if (isFault || peer.queued === 0) return this.#part(peer, reason);
    peer.ending = reason;
    this.#queues.makeReady(peer);
  }

  /** Tells one end that it is over; nothing waits for it any more. */
  #part(end: RelayEnd, reason: PartedReason): void {
    this.#queues.drop(end);
    // Who is over has no connection to be told on.
    if (this.#members.has(end.member.recipient.id)) end.member.recipient.send(end.parted(reason));
  }

  /** @throws {ProtocolError} `bad-message` for who is no part of it */
  #member(id: SessionId): RelayMember {
    const member = this.#members.get(id);
    if (!member || member.key === undefined) {
      throw badMessage("not in this session: tell the capability and a key first");
    }
    return member;
  }
}

/** A RELAY, TAKEN or PART for a link that its sender does not have. */
export function noSuchLink(): ReturnType<typeof badMessage> {
  return badMessage("no such link, or not so on it");
}
