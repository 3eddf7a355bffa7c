import { concatBytes } from "../protocol/bytes.ts";
import { CatchUp, type CatchUpParts, type FrameSource, type Reader, summary } from "./catch_up.ts";
import { type Audience, encodeNotice } from "./encoding.ts";
import { MAX_QUEUED_BYTES, MAX_WITHHELD } from "./limits.ts";
import type { SessionId } from "./room.ts";
import type { Position } from "./room_log.ts";
import { type Edit, piecesOf, type Round, sizeOf, type Turn } from "./turn.ts";

/** What a {@linkcode Feed} needs of its member's connection. */
export interface Recipient {
  /** Bytes that wait for it and count against `MAX_QUEUED_BYTES`. */
  readonly held: number;
  /** Whether more waits than `LOW_WATER_BYTES`: if so, {@linkcode Feed.drained} is called once it does not. */
  readonly isBusy: boolean;
  /** Queues bytes that are never changed afterwards; never blocks, never reorders. */
  send(bytes: Uint8Array): void;
}

/** Whom a {@linkcode Feed} is for. */
export interface Subscriber {
  readonly id: SessionId;
  readonly audience: Audience;
  readonly recipient: Recipient;
  /** For those who are told numbers, and can catch up. */
  readonly reader: Reader | undefined;
}

/**
 * One member's stream, in the order in which things happened:
 *
 * | state | a turn with broadcasts or an answer to it | a turn of joins and leaves | drained |
 * |---|---|---|---|
 * | live | written; over the bound: behind, or cut | written; busy: kept back | - |
 * | live, some kept back | what they come to, then as above | kept back | what they come to |
 * | behind | - | - | refilled; level with the room: live |
 *
 * What waits for a member MUST NOT pass `MAX_QUEUED_BYTES`, and that is looked at before anything is added.
 */
export class Feed {
  readonly id: SessionId;
  readonly #parts: CatchUpParts;
  readonly #audience: Audience;
  readonly #recipient: Recipient;
  readonly #reader: Reader | undefined;
  readonly #turn: Turn<Feed>;
  /** It has gone live in this round, where the room was `at` that place: behind `from` bytes and `broadcasts`. */
  #round = 0;
  #from = 0;
  #broadcasts = 0;
  #at: Position = { number: 0, presence: 0 };
  /** The last join or leave that it was told of, while later ones are kept back. */
  #told: number | undefined;
  /** Set while it is behind. */
  #catchUp: CatchUp | undefined;

  constructor(parts: CatchUpParts, turn: Turn<Feed>, subscriber: Subscriber) {
    this.#parts = parts;
    this.#turn = turn;
    this.id = subscriber.id;
    this.#audience = subscriber.audience;
    this.#recipient = subscriber.recipient;
    this.#reader = subscriber.reader;
    this.#goLive();
  }

  /** The turn whose bytes it gets. */
  get turn(): Turn<Feed> {
    return this.#turn;
  }

  /** Whether it is told nothing live. */
  get isBehind(): boolean {
    return this.#catchUp !== undefined;
  }

  /** Writes what a round holds for it; says whether that fits. */
  serve(round: Round): boolean {
    // Who has gone live since has this.
    if (this.#catchUp || this.#round > round.number) return true;
    const isNew = this.#round === round.number;
    const edits = round.edits.get(this.id);
    const from = isNew ? this.#from : 0;
    const pieces = piecesOf(round.bytes, from, edits);
    const size = sizeOf(pieces);
    if (size === 0) return true;
    const recipient = this.#recipient;
    const isPresence = round.broadcasts === 0 && !edits;
    if (isPresence && recipient.isBusy && this.#keepBack(round)) return true;
    const kept = this.#keptUntil(round.begin.presence);
    if (!kept || recipient.held + kept.length + size > MAX_QUEUED_BYTES) return false;
    this.#told = undefined;
    if (kept.length > 0) recipient.send(kept);
    for (const piece of pieces) recipient.send(piece);
    const others = round.broadcasts - (isNew ? this.#broadcasts : 0) -
      (edits ? ownIn(edits, from) : 0);
    this.#parts.counters.deliveries += others;
    return true;
  }

  /** It does not get that round; says whether it can catch up. */
  fallBehind(round: Round): boolean {
    const edits = round.edits.get(this.id) ?? [];
    return this.#fallBehind(this.#before(round), edits) !== undefined;
  }

  /** It is given these before all that it has not got yet, as its queue takes them: behind, until it has caught up. */
  replay(frames: FrameSource): void {
    const turn = this.#turn;
    const from = this.#round === turn.number ? this.#from : 0;
    const edits = turn.editsOf(this.id).filter(({ start }) => start >= from);
    const catchUp = this.#catchUp ?? this.#fallBehind(this.#before(turn), edits);
    catchUp?.replay(frames);
  }

  /** It comes from another connection, on which it was `at` that place at least: behind, until it has caught up. */
  resume(at: Position): void {
    if (this.#reader) this.#catchUp = new CatchUp(this.#parts, this.#reader, at, "back");
  }

  /** Something is told to this member alone; says whether that fits. */
  answer(bytes: Uint8Array): boolean {
    const { number } = this.#parts.log;
    const at = this.#turn.length;
    if (!this.#catchUp) {
      this.#turn.edit(this.id, { start: at, end: at, instead: bytes, broadcasts: 0, number });
    } else this.#catchUp.answer(number, bytes);
    return (this.#catchUp?.waiting ?? 0) <= MAX_QUEUED_BYTES;
  }

  /** Writes what it has missed, as far as its queue takes it; says whether that can be told at all. */
  drained(): boolean {
    if (this.#catchUp) return this.#refill(this.#catchUp);
    const recipient = this.#recipient;
    const kept = this.#keptUntil(this.#turn.begin.presence);
    if (!kept) return false;
    if (kept.length === 0 || recipient.held + kept.length > MAX_QUEUED_BYTES) return true;
    this.#told = undefined;
    recipient.send(kept);
    return true;
  }

  /** Writes what it was told so far, as far as that fits, for a member that goes. */
  finish(): void {
    const from = this.#round === this.#turn.number ? this.#from : 0;
    const pieces = this.#catchUp ? [this.#catchUp.finish()] : this.#turn.piecesFor(this.id, from);
    if (this.#recipient.held + sizeOf(pieces) > MAX_QUEUED_BYTES) return;
    for (const piece of pieces) this.#recipient.send(piece);
  }

  /** Keeps back the joins and leaves of a round; says whether that can be done. */
  #keepBack(round: Round): boolean {
    const { presence } = this.#before(round);
    if (this.#parts.log.presence.last - presence > MAX_WITHHELD) return false;
    this.#told = presence;
    return true;
  }

  /**
   * What the joins and leaves that are kept back come to, up to that number; `undefined` if they are not remembered
   * any more, as many more have come that are hidden from it.
   */
  #keptUntil(to: number): Uint8Array | undefined {
    if (this.#told === undefined) return NOTHING;
    const { presence } = this.#parts.log;
    if (!presence.reachesBack(this.#told)) return undefined;
    const notices = summary(presence, { from: this.#told, to, exact: true });
    return concatBytes(notices.map((notice) => encodeNotice(this.#audience, notice)));
  }

  /** From that place on it is told what it has missed, and the answers among these edits. */
  #fallBehind(at: Position, edits: readonly Edit[]): CatchUp | undefined {
    if (!this.#reader) return undefined;
    const catchUp = new CatchUp(this.#parts, this.#reader, at, "slow");
    for (const { start, end, instead, number } of edits) {
      if (start === end && instead) catchUp.answer(number, instead);
    }
    this.#told = undefined;
    this.#catchUp = catchUp;
    return catchUp;
  }

  /** Where it is before what it gets of a round. */
  #before(round: Pick<Round, "number" | "begin">): Position {
    const { number, presence } = this.#round === round.number ? this.#at : round.begin;
    return { number, presence: this.#told ?? presence };
  }

  #refill(catchUp: CatchUp): boolean {
    while (!this.#recipient.isBusy) {
      const bytes = catchUp.next();
      if (bytes === "lost") return false;
      if (bytes === "level") {
        this.#goLive();
        return true;
      }
      this.#recipient.send(bytes);
    }
    return true;
  }

  /** It has all that the turn holds so far. */
  #goLive(): void {
    this.#catchUp = undefined;
    this.#told = undefined;
    this.#round = this.#turn.number;
    this.#from = this.#turn.length;
    this.#broadcasts = this.#turn.broadcasts;
    this.#at = this.#parts.log.position;
  }
}

const NOTHING = new Uint8Array(0);

/** How many broadcasts of one's own are left out behind byte `from`. */
function ownIn(edits: readonly Edit[], from: number): number {
  return edits.reduce((sum, { start, broadcasts }) => sum + (start >= from ? broadcasts : 0), 0);
}
