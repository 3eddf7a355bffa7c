import { concatBytes, withRoom } from "../protocol/bytes.ts";
import type { Position } from "./room_log.ts";
import type { SessionId } from "./room.ts";

/**
 * What one member gets in place of the turn's bytes from `start` to `end`: for a broadcast of its own its
 * acknowledgement, if it wants one; for an answer (`start` is `end`) the answer.
 */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly instead: Uint8Array | undefined;
  /** How many broadcasts of its own it stands for. */
  readonly broadcasts: number;
  /** Of the last broadcast before it, or of its own. */
  readonly number: number;
}

/** The bytes of one audience that were told in one turn. */
export interface Round {
  readonly number: number;
  readonly bytes: Uint8Array;
  /** How many broadcasts they hold; the rest are joins and leaves. */
  readonly broadcasts: number;
  /** Where the room was before it. */
  readonly begin: Position;
  /** How the copies of some members differ, in the order of the bytes. */
  readonly edits: ReadonlyMap<SessionId, readonly Edit[]>;
}

/**
 * Pieces of so many bytes on average are written one by one: a write costs 5 us, and a copy 1 us a KiB in new memory, that of
 * ten who talk 600 KB a turn, until the garbage collector comes.
 */
const LARGE_BYTES = 4_096;

/** Gathers a round, for those whose copies it makes: `M`. */
export class Turn<M> {
  readonly members = new Set<M>();
  /** Of the round that is being gathered. */
  number = 0;
  /** Bytes so far. */
  length = 0;
  broadcasts = 0;
  begin: Position = { number: 0, presence: 0 };
  #edits = new Map<SessionId, Edit[]>();
  #memory = new Uint8Array(4_096);

  /** Whether there is nothing for anybody. */
  get isEmpty(): boolean {
    return this.length === 0 && this.#edits.size === 0;
  }

  /** Puts the bytes of so many broadcasts, or of a join or leave, behind all others; returns where they begin. */
  append(bytes: Uint8Array, broadcasts: number): number {
    const start = this.length;
    const end = start + bytes.length;
    this.#memory = withRoom(this.#memory, start, end);
    this.#memory.set(bytes, start);
    this.length = end;
    this.broadcasts += broadcasts;
    return start;
  }

  /** Changes the copy of one member, behind all that was changed in it before. */
  edit(id: SessionId, edit: Edit): void {
    const edits = this.#edits.get(id);
    if (edits) edits.push(edit);
    else this.#edits.set(id, [edit]);
  }

  /** How the copy of a member differs so far. */
  editsOf(id: SessionId): readonly Edit[] {
    return this.#edits.get(id) ?? [];
  }

  /** The {@linkcode piecesOf} a member so far; for one who is about to go. */
  piecesFor(id: SessionId, from: number): readonly Uint8Array[] {
    const bytes = this.#memory.slice(0, this.length);
    return piecesOf(bytes, from, this.#edits.get(id));
  }

  /** The round so far, for good; the next one begins empty, `at` where the room is now. */
  take(at: Position): Round {
    const { number, broadcasts, begin } = this;
    const bytes = this.#memory.slice(0, this.length);
    const round = { number, bytes, broadcasts, begin, edits: this.#edits };
    this.number++;
    this.length = 0;
    this.broadcasts = 0;
    this.begin = at;
    this.#edits = new Map();
    return round;
  }
}

/**
 * What a member gets of a round's bytes from byte `from` on: the very array where that is everything, else views of it, or
 * one copy where they are small.
 */
export function piecesOf(
  bytes: Uint8Array,
  from: number,
  edits: readonly Edit[] | undefined,
): readonly Uint8Array[] {
  if (!edits) return [from === 0 ? bytes : bytes.subarray(from)];
  const pieces: Uint8Array[] = [];
  let at = from;
  for (const { start, end, instead } of edits) {
    if (start < from) continue;
    if (start > at) pieces.push(bytes.subarray(at, start));
    if (instead) pieces.push(instead);
    at = end;
  }
  if (at < bytes.length) pieces.push(bytes.subarray(at));
  return sizeOf(pieces) < LARGE_BYTES * pieces.length ? [concatBytes(pieces)] : pieces;
}

/** Bytes of all pieces together. */
export function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
