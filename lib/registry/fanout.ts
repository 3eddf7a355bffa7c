import { earliest } from "../protocol/earliest.ts";
import type { CatchUpParts, FrameSource } from "./catch_up.ts";
import type { Clock } from "./clock.ts";
import { type Audience, encodeNotice, isSameForKeyed, type Notice } from "./encoding.ts";
import { Feed, type Subscriber } from "./feed.ts";
import { CATCH_UP_MS, PRESENCE_FLUSH_MS, PRESENCE_FLUSH_MS_PER_MEMBER } from "./limits.ts";
import type { SessionId } from "./room.ts";
import type { Position } from "./room_log.ts";
import { Turn } from "./turn.ts";

/** What a {@linkcode Fanout} works with. */
export interface FanoutParts extends CatchUpParts {
  readonly clock: Clock;
  /** Runs a function once the current turn is over. */
  readonly schedule: (flush: () => void) => void;
  /** Ends a member that does not read; the fan-out is told by {@linkcode Fanout.remove}. */
  readonly cut: (id: SessionId) => void;
}

/**
 * A turn of so many bytes takes no more from the outside until it is written out, so that one write is one socket buffer: who
 * reads MUST NOT be over the bound because many have spoken in one moment.
 */
const FULL_BYTES = 65_536;
/** With so many it is written out at once: what one full read brings fits behind it. */
const MAX_TURN_BYTES = 131_072;

/**
 * Tells every member. What is told is encoded once an audience and appended to the turn's shared bytes; at
 * the end of the turn each member gets one write, for all but those with copies of their own of the very same
 * array. That is what makes it fast: a small send costs 5 us in the kernel, a thousand joined cost
 * little more (DESIGN 7). Joins and leaves alone wait for others, 20 ms or, in large rooms, 0.05 ms a member.
 *
 * - Nothing blocks: who does not read never keeps others waiting.
 * - Nothing is reordered: what a member is told, answers included, stands in the order in which it happened.
 * - What waits for a member never passes `MAX_QUEUED_BYTES`: who would pass it is cut. Who can catch up is told nothing
 *   live from there on, is given what it has missed as its queue drains, and is cut if it takes too long.
 * - Nothing is left out without a word, but joins and leaves that cancel out: from who is busy they are kept back
 *   until there is something else to tell, then told as what they come to.
 */
export class Fanout {
  readonly #parts: FanoutParts;
  readonly #feeds = new Map<SessionId, Feed>();
  readonly #turns: Readonly<Record<Audience, Turn<Feed>>> = {
    framed: new Turn(),
    keyed: new Turn(),
    resume: new Turn(),
    classic: new Turn(),
  };
  /** Who is to be cut once all have what is being written out: each brings a leave that has to come after it. */
  #toCut: SessionId[] = [];
  /** When those who are behind have to have drained; in this order. */
  readonly #deadlines = new Map<SessionId, number>();
  #isScheduled = false;
  #isFlushing = false;
  #lastFlush = -Infinity;
  /** When joins and leaves that wait are written out. */
  #flushAt: number | undefined;

  constructor(parts: FanoutParts) {
    this.#parts = parts;
  }

  /** From now on a member is told what happens. */
  add(member: Subscriber): Feed {
    const turn = this.#turns[member.audience];
    const feed = new Feed(this.#parts, turn, member);
    this.#feeds.set(feed.id, feed);
    turn.members.add(feed);
    return feed;
  }

  /** A member is back: it is told what has happened since it was `at` that place, then what happens. */
  resume(member: Subscriber, at: Position): void {
    const feed = this.add(member);
    feed.resume(at);
    this.#drain(feed);
  }

  /** `id` is given these before all that it has not got yet, as its queue takes them. */
  replay(id: SessionId, frames: FrameSource): void {
    const feed = this.#feeds.get(id);
    if (!feed) return;
    feed.replay(frames);
    this.#drain(feed);
  }

  /** Whether nothing more should be told before the turn is written out, which is going to happen. */
  get isFull(): boolean {
    return this.length >= FULL_BYTES;
  }

  /** Bytes that the turn holds for a member, at most. */
  get length(): number {
    const { framed, keyed, resume, classic } = this.#turns;
    return Math.max(framed.length, keyed.length, resume.length, classic.length);
  }

  /** Whether `id` is a member that is told what it has missed. */
  isBehind(id: SessionId): boolean {
    return this.#feeds.get(id)?.isBehind === true;
  }

  /** Whether `id` is told what happens. */
  has(id: SessionId): boolean {
    return this.#feeds.has(id);
  }

  /** `id` is told nothing more. */
  remove(id: SessionId): void {
    const feed = this.#feeds.get(id);
    if (!feed) return;
    this.#feeds.delete(id);
    feed.turn.members.delete(feed);
    this.#deadlines.delete(id);
  }

  /** `id` is told what has happened so far, as far as that fits, then nothing more. */
  finish(id: SessionId): void {
    this.#feeds.get(id)?.finish();
    this.remove(id);
  }

  /** Tells one member, after all that it was told before. */
  send(id: SessionId, bytes: Uint8Array): void {
    const feed = this.#feeds.get(id);
    if (!feed) return;
    if (!feed.answer(bytes)) this.#parts.cut(id);
    else if (!feed.isBehind) this.#schedule();
  }

  /**
   * Tells every member but the one that it is about.
   *
   * @param instead what that one is told in this place: its acknowledgement, if it wants one
   */
  deliver(notice: Notice, by: SessionId, instead?: Uint8Array): void {
    const about = this.#feeds.get(by);
    const { framed, keyed, resume, classic } = this.#turns;
    let frame: Uint8Array | undefined;
    if (framed.members.size > 0) {
      append(framed, frame = encodeNotice("framed", notice), notice, about);
    }
    if (keyed.members.size > 0) {
      if (!frame || !isSameForKeyed(notice)) frame = encodeNotice("keyed", notice);
      append(keyed, frame, notice, about);
    }
    if (resume.members.size > 0) {
      append(resume, encodeNotice("resume", notice), notice, about, instead);
    }
    if (classic.members.size > 0) {
      append(classic, encodeNotice("classic", notice), notice, about);
    }
    // After all have it: a flush may cut somebody, whose leave has to come after this message for all.
    const { length } = this;
    if (length >= MAX_TURN_BYTES) this.flush();
    const pause = Math.max(PRESENCE_FLUSH_MS, this.#feeds.size * PRESENCE_FLUSH_MS_PER_MEMBER);
    const next = this.#lastFlush + pause;
    if (notice.kind === "broadcast" || length >= FULL_BYTES || next <= this.#parts.clock.now) {
      this.#schedule();
    } else {
      this.#flushAt ??= next;
    }
  }

  /**
   * Whether everybody is told broadcasts in the bytes of the framed dialect: then what has come as such can be told by
   * {@linkcode Fanout.deliverVerbatim}.
   */
  get isVerbatim(): boolean {
    const { resume, classic } = this.#turns;
    return resume.members.size === 0 && classic.members.size === 0;
  }

  /** Tells every member but their sender so many broadcasts, as their frames: they are copied. */
  deliverVerbatim(frames: Uint8Array, count: number, by: SessionId): void {
    const { counters, log } = this.#parts;
    const { framed, keyed } = this.#turns;
    const about = this.#feeds.get(by);
    counters.broadcasts += count;
    log.passed(count, frames);
    for (const turn of [framed, keyed]) {
      if (turn.members.size === 0) continue;
      const start = turn.append(frames, count);
      if (about?.turn !== turn) continue;
      turn.edit(by, {
        start,
        end: turn.length,
        instead: undefined,
        broadcasts: count,
        number: log.number,
      });
    }
    if (this.length >= MAX_TURN_BYTES) this.flush();
    this.#schedule();
  }

  /** What waits for `id` has come down to `LOW_WATER_BYTES`. */
  drained(id: SessionId): void {
    const feed = this.#feeds.get(id);
    if (feed) this.#drain(feed);
  }

  /** Writes out all that was told. Never within itself: who has not got this must not get what follows before it. */
  flush(): void {
    if (this.#isFlushing) return this.#schedule();
    this.#isFlushing = true;
    do {
      this.#isScheduled = false;
      this.#flushAt = undefined;
      this.#lastFlush = this.#parts.clock.now;
      for (const turn of Object.values(this.#turns)) this.#writeOut(turn);
      this.#cutSome();
    } while (this.#isScheduled || this.#toCut.length > 0);
    this.#isFlushing = false;
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    const [deadline] = this.#deadlines.values();
    return earliest([this.#flushAt, deadline]);
  }

  /** Writes out joins and leaves that have waited, and cuts those who have not caught up. */
  timeout(): void {
    const { now } = this.#parts.clock;
    if (this.#flushAt !== undefined && this.#flushAt <= now) this.flush();
    for (const [id, deadline] of this.#deadlines) {
      if (deadline > now) break;
      this.#deadlines.delete(id);
      this.#parts.cut(id);
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#parts.schedule(() => this.flush());
  }

  #writeOut(turn: Turn<Feed>): void {
    if (turn.isEmpty) return;
    const round = turn.take(this.#parts.log.position);
    // Where there are answers alone, the others need not be asked.
    const feeds = round.bytes.length > 0
      ? turn.members
      : Array.from(round.edits.keys(), (id) => this.#feeds.get(id));
    for (const feed of feeds) {
      if (!feed || feed.serve(round)) continue;
      if (feed.fallBehind(round)) this.#drain(feed);
      else this.#drop(feed);
    }
  }

  #drop(feed: Feed): void {
    this.remove(feed.id);
    if (this.#isFlushing) this.#toCut.push(feed.id);
    else this.#parts.cut(feed.id);
  }

  /** As many as a turn holds the leaves of: one that passed the bound by itself would cut those who read. */
  #cutSome(): void {
    let cut = 0;
    for (const id of this.#toCut) {
      if (this.length >= MAX_TURN_BYTES) break;
      this.#parts.cut(id);
      cut++;
    }
    this.#toCut = this.#toCut.slice(cut);
  }

  #drain(feed: Feed): void {
    this.#deadlines.delete(feed.id);
    if (!feed.drained()) this.#drop(feed);
    else if (feed.isBehind) this.#deadlines.set(feed.id, this.#parts.clock.now + CATCH_UP_MS);
  }
}

function append(
  turn: Turn<Feed>,
  bytes: Uint8Array,
  notice: Notice,
  about: Feed | undefined,
  instead?: Uint8Array,
): void {
  const isBroadcast = notice.kind === "broadcast";
  const start = turn.append(bytes, isBroadcast ? 1 : 0);
  if (!isBroadcast || about?.turn !== turn) return;
  const { number } = notice;
  turn.edit(about.id, { start, end: turn.length, instead, broadcasts: 1, number });
}
