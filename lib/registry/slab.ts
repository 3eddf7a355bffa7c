import { withRoom } from "../protocol/bytes.ts";
import type { KeyedUser } from "../protocol/keyed.ts";

/** So many may be gone, however few are here: not every leave from a small room is worth a new slab. */
const MIN_STALE = 64;

/** Memory to begin with, in bytes, and free behind the last user when it is made anew. */
const MIN_BYTES = 1_024;

/**
 * The users of a room in the order of their coming, encoded one after the other in shared memory: a newcomer is
 * told of 5,000 others by a view of it, not by a copy of 250 kB. What was handed out stays as it is: the memory only grows
 * at its end, and after a leave a new one takes its place when it is next asked for.
 */
export class Slab {
  readonly #encode: (user: KeyedUser) => Uint8Array;
  #users: KeyedUser[] = [];
  /** Where each user's bytes end. */
  #ends = new Uint32Array(64);
  #memory = new Uint8Array(MIN_BYTES);
  #gone = new Set<KeyedUser>();

  /** @param encode a user's bytes, also none */
  constructor(encode: (user: KeyedUser) => Uint8Array) {
    this.#encode = encode;
  }

  /** How many users it holds. */
  get size(): number {
    this.#compact();
    return this.#users.length;
  }

  /**
   * Whether more are gone than are here: nobody has asked for long, and it is to be made anew by who asks next. Who is gone
   * takes memory until then.
   */
  get isStale(): boolean {
    return this.#gone.size > Math.max(MIN_STALE, this.#users.length / 2);
  }

  /** Puts a user behind all others. */
  add(user: KeyedUser): void {
    const bytes = this.#encode(user);
    const start = this.#end(this.#users.length);
    const end = start + bytes.length;
    this.#memory = withRoom(this.#memory, start, end);
    this.#memory.set(bytes, start);
    if (this.#users.length === this.#ends.length) {
      const ends = new Uint32Array(2 * this.#ends.length);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#ends[this.#users.length] = end;
    this.#users.push(user);
  }

  /** Takes out the user that was put in as this very object. */
  remove(user: KeyedUser): void {
    this.#gone.add(user);
  }

  /** Where that user stands; -1 for one who is not here. */
  indexOf(user: KeyedUser): number {
    this.#compact();
    // Who is asked for has most often just come.
    return this.#users.lastIndexOf(user);
  }

  /** Bytes of the users from index `from` to before `to`. */
  bytesBetween(from: number, to: number): number {
    return this.#end(to) - this.#end(from);
  }

  /** The users from index `from` to before `to`: bytes that never change, whatever becomes of the room. */
  view(from: number, to: number): Uint8Array {
    return this.#memory.subarray(this.#end(from), this.#end(to));
  }

  #end(count: number): number {
    return count === 0 ? 0 : this.#ends[count - 1] ?? 0;
  }

  /** Makes memory without those who are gone: what lies between them is copied at once. */
  #compact(): void {
    const gone = this.#gone;
    if (gone.size === 0) return;
    const [users, ends] = [this.#users, this.#ends];
    const old = this.#memory.subarray(0, this.#end(users.length));
    this.#memory = new Uint8Array(old.length + Math.max(MIN_BYTES, old.length >> 2));
    this.#users = [];
    this.#ends = new Uint32Array(ends.length);
    // What is copied next begins at `from`, and goes to `at`.
    let [from, at, start] = [0, 0, 0];
    for (const [index, user] of users.entries()) {
      const end = ends[index] ?? 0;
      if (gone.has(user)) {
        this.#memory.set(old.subarray(from, start), at);
        at += start - from;
        from = end;
      } else {
        this.#ends[this.#users.length] = at + end - from;
        this.#users.push(user);
      }
      start = end;
    }
    this.#memory.set(old.subarray(from), at);
    this.#gone = new Set();
  }
}
