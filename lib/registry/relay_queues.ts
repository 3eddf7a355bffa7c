import { concatBytes } from "../protocol/bytes.ts";
import { relayWeight } from "../protocol/relay.ts";
import type { Clock } from "./clock.ts";
import { LOW_WATER_BYTES, MAX_RELAY_QUEUED, RELAY_STALL_MS } from "./limits.ts";
import type { RelayEnd } from "./relay_end.ts";
import type { RelayMember } from "./relay_member.ts";

/**
 * What waits on all relayed links, and when it is handed on: at the end of a turn, or when a reader has read; only while
 * few bytes are queued for that reader, and each of its links in turn.
 */
export class RelayQueues {
  readonly #clock: Clock;
  readonly #schedule: () => void;
  /** Ends for which something waits, and when it has waited for too long; in that order. */
  readonly #stalled = new Map<RelayEnd, number>();
  /** Who has something to be handed at the end of the turn. */
  readonly #due = new Set<RelayMember>();
  #queued = 0;

  /** @param schedule has {@linkcode RelayQueues.flush} called once the current turn is over */
  constructor(clock: Clock, schedule: () => void) {
    this.#clock = clock;
    this.#schedule = schedule;
  }

  /** Weight of all that waits. */
  get queued(): number {
    return this.#queued;
  }

  /** Whether so much more may wait. */
  hasRoom(weight: number): boolean {
    return this.#queued + weight <= MAX_RELAY_QUEUED;
  }

  /** A RELAY for the member of `end`: its payload is copied. */
  push(end: RelayEnd, payload: Uint8Array): void {
    if (end.queued === 0) this.#stalled.set(end, this.#clock.now + RELAY_STALL_MS);
    this.#queued += relayWeight(payload.length);
    end.push(payload);
    this.makeReady(end);
  }

  /** There may be something to hand to the member of `end`. */
  makeReady(end: RelayEnd): void {
    if (!end.isReady) return;
    const { member } = end;
    if (!member.ready.includes(end)) member.ready.push(end);
    this.#due.add(member);
    this.#schedule();
  }

  /** Nothing waits any more for the member of `end` on that link. */
  drop(end: RelayEnd): void {
    this.#stalled.delete(end);
    this.#queued -= end.drop();
    const { ready } = end.member;
    const at = ready.indexOf(end);
    if (at >= 0) ready.splice(at, 1);
  }

  /** Nothing waits any more for that member. */
  forget(member: RelayMember): void {
    this.#due.delete(member);
    for (const end of [...member.ready]) this.drop(end);
  }

  /** Hands on what was said in this turn: one write for each who is told. */
  flush(): void {
    for (const member of this.#due) {
      this.#due.delete(member);
      this.handOn(member);
    }
  }

  /** Hands on what waits for one, as far as its queue takes it: the links take turns. */
  handOn({ recipient, ready }: RelayMember): void {
    while (ready.length > 0 && !recipient.isBusy) {
      const frames: Uint8Array[] = [];
      const room = LOW_WATER_BYTES - recipient.held;
      for (let size = 0; size <= room;) {
        const end = ready.shift();
        if (!end) break;
        size += this.#takeTurn(end, frames);
        if (end.queued > 0) ready.push(end);
        else if (end.ending) frames.push(end.parted(end.ending));
      }
      const [only] = frames;
      recipient.send(frames.length === 1 && only ? only : concatBytes(frames));
    }
  }

  /** When something has waited for too long. */
  nextTimeout(): number | undefined {
    const [first] = this.#stalled.values();
    return first;
  }

  /** The ends for which it has; each has to be {@linkcode RelayQueues.drop | dropped}. */
  *expired(): Iterable<RelayEnd> {
    for (const [end, until] of this.#stalled) {
      if (until > this.#clock.now) return;
      yield end;
    }
  }

  #takeTurn(end: RelayEnd, frames: Uint8Array[]): number {
    const before = end.queued;
    const bytes = end.take(frames);
    const moved = before - end.queued;
    if (moved === 0) return bytes;
    this.#queued -= moved;
    // Behind all others: what is left waits from now on.
    this.#stalled.delete(end);
    if (end.queued > 0) this.#stalled.set(end, this.#clock.now + RELAY_STALL_MS);
    return bytes;
  }
}
