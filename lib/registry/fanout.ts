import { concatBytes } from "../protocol/bytes.ts";
import { classicLines } from "../protocol/classic.ts";
import type { Dialect } from "../protocol/dialect.ts";
import { encodeFrame } from "../protocol/frame.ts";
import { encodeLine } from "../protocol/line.ts";
import { formatMessage, type ServerMessage } from "../protocol/message.ts";
import type { SessionId } from "./room.ts";

/** Who is told in the same bytes: a dialect, or those of the framed one who understand keys. */
export type Audience = Dialect | "keyed";

/** What the fan-out needs of a member's connection. */
export interface Recipient {
  /** Queues bytes that are never changed afterwards; never blocks, never reorders. */
  send(bytes: Uint8Array): void;
}

interface Member {
  readonly recipient: Recipient;
  readonly turn: Turn;
  /** The round in which `from` is valid; in any later one the member gets all. */
  round: number;
  /** Up to where in the turn's bytes this member has been served. */
  from: number;
}

/** A turn's bytes are written out when they pass this many, so that one write is one socket buffer. */
const FLUSH_BYTES = 65_536;

/**
 * Tells every member. A message is encoded once an audience and appended to the turn's shared bytes; at
 * the end of the turn each member gets one write, for all but the turn's own senders of the very same
 * array. That is what makes it fast: a small send costs 5 us in the kernel, a thousand joined cost
 * little more (DESIGN 7).
 */
export class Fanout {
  readonly #members = new Map<SessionId, Member>();
  readonly #turns: Readonly<Record<Audience, Turn>> = {
    framed: new Turn(),
    keyed: new Turn(),
    classic: new Turn(),
  };
  readonly #schedule: (flush: () => void) => void;
  #scheduled = false;

  /** @param schedule runs a function once the current turn is over */
  constructor(schedule: (flush: () => void) => void = queueMicrotask) {
    this.#schedule = schedule;
  }

  /** From now on `id` is told what is delivered. */
  add(id: SessionId, audience: Audience, recipient: Recipient): void {
    const turn = this.#turns[audience];
    turn.members.add(id);
    this.#members.set(id, { recipient, turn, round: turn.number, from: turn.length });
  }

  /** `id` gets what was delivered so far, then nothing more. */
  remove(id: SessionId): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#serve(id, member);
    member.turn.members.delete(id);
    this.#members.delete(id);
  }

  /** Sends `bytes` to one member, after all that was delivered before. */
  send(id: SessionId, bytes: Uint8Array): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#serve(id, member);
    member.recipient.send(bytes);
  }

  /** Whether `id` is told what is delivered. */
  has(id: SessionId): boolean {
    return this.#members.has(id);
  }

  /** Tells every member but `except`. */
  deliver(message: ServerMessage, except: SessionId): void {
    const { framed, keyed, classic } = this.#turns;
    let frame: Uint8Array | undefined;
    if (framed.members.size > 0) framed.append(frame = encodeFor("framed", message), except);
    if (keyed.members.size > 0) {
      // All but JOIN is the same for both.
      if (!frame || tellsKeys(message)) frame = encodeFor("keyed", message);
      keyed.append(frame, except);
    }
    if (classic.members.size > 0) classic.append(encodeFor("classic", message), except);
    // After all have it: a flush may cut somebody, whose leave has to come after this message for all.
    for (const turn of Object.values(this.#turns)) {
      if (turn.length >= FLUSH_BYTES) this.#flushTurn(turn);
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => this.flush());
  }

  /** Writes out what the turn has gathered. */
  flush(): void {
    this.#scheduled = false;
    for (const turn of Object.values(this.#turns)) this.#flushTurn(turn);
  }

  #flushTurn(turn: Turn): void {
    if (turn.length === 0) return;
    // Taken first: a recipient may be cut for being slow, which delivers its leave in the next round.
    const round = turn.take();
    for (const id of turn.members) {
      const member = this.#members.get(id);
      if (!member) continue;
      const from = member.round === round.number ? member.from : 0;
      const bytes = partFor(id, round, from);
      if (bytes.length > 0) member.recipient.send(bytes);
    }
  }

  /** Sends to one member, ahead of the others, what the turn holds for it. */
  #serve(id: SessionId, member: Member): void {
    const { turn } = member;
    const from = member.round === turn.number ? member.from : 0;
    const bytes = partFor(id, turn, from);
    if (bytes.length > 0) member.recipient.send(bytes.slice());
    member.round = turn.number;
    member.from = turn.length;
  }
}

/** The bytes that tell `message` to `audience`: none for what is hidden from it. */
export function encodeFor(audience: Audience, message: ServerMessage): Uint8Array {
  const told = audience === "keyed" && tellsKeys(message) ? message : withoutKey(message);
  if (audience !== "classic") return encodeFrame(formatMessage(told));
  const lines = classicLines(told).map(encodeLine);
  return lines.length === 1 && lines[0] ? lines[0] : concatBytes(lines);
}

/** Whether those who understand keys are told more than others. */
function tellsKeys(message: ServerMessage): boolean {
  return message.verb === "UPDATE" && message.change === "JOIN";
}

function withoutKey(message: ServerMessage): ServerMessage {
  if (message.verb !== "UPDATE") return message;
  const { username, ip, udpPort } = message.user;
  return { ...message, user: { username, ip, udpPort } };
}

/** Where a message begins and ends among the bytes of its turn. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The bytes of one audience that were delivered in one turn, and who must not get which. */
interface Round {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** What each sender must not get: its own messages, in order. */
  readonly own: ReadonlyMap<SessionId, readonly Range[]>;
}

/** The round that is being gathered, and who gets it. */
class Turn implements Round {
  readonly members = new Set<SessionId>();
  number = 0;
  length = 0;
  own = new Map<SessionId, Range[]>();
  #memory = new Uint8Array(4_096);

  /** What is there so far; valid until the next append. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.length);
  }

  append(bytes: Uint8Array, sender: SessionId): void {
    const range = { start: this.length, end: this.length + bytes.length };
    if (range.end > this.#memory.length) {
      const grown = new Uint8Array(Math.max(range.end, 2 * this.#memory.length));
      grown.set(this.bytes);
      this.#memory = grown;
    }
    this.#memory.set(bytes, range.start);
    this.length = range.end;
    const own = this.own.get(sender);
    if (own) own.push(range);
    else this.own.set(sender, [range]);
  }

  /** The round so far, for good; the next one begins empty. */
  take(): Round {
    const { number, own } = this;
    const round = { number, own, bytes: this.bytes.slice() };
    this.number++;
    this.length = 0;
    this.own = new Map();
    return round;
  }
}

/** What `id` has to get of `round` from byte `from` on: the very array where that is everything. */
function partFor(id: SessionId, { bytes, own }: Round, from: number): Uint8Array {
  const ranges = own.get(id);
  if (!ranges) return from === 0 ? bytes : bytes.subarray(from);
  const parts: Uint8Array[] = [];
  let at = from;
  for (const { start, end } of ranges) {
    if (start < from) continue;
    parts.push(bytes.subarray(at, start));
    at = end;
  }
  parts.push(bytes.subarray(at));
  return concatBytes(parts);
}
