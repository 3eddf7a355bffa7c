import { isV6 } from "../protocol/address.ts";
import { concatBytes } from "../protocol/bytes.ts";
import { FRAME_HEADER_BYTES } from "../protocol/frame.ts";
import { formatKeyedUser, type KeyedUser } from "../protocol/keyed.ts";
import { MAX_FRAME_BYTES } from "../protocol/limits.ts";
import { formatUser } from "../protocol/message.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Audience } from "./encoding.ts";
import { Slab } from "./slab.ts";

const LIST = encodeUtf8("LIST");
const CR_LF = encodeUtf8("\r\n");
const NOTHING = new Uint8Array(0);

/** The slabs and what one user is in each. */
const ENTRIES = {
  triples: (user: KeyedUser) => encodeUtf8(`:${formatUser(user)}`),
  visibleTriples: (user: KeyedUser) => isV6(user.ip) ? NOTHING : ENTRIES.triples(user),
  quintuples: (user: KeyedUser) => encodeUtf8(`:${formatKeyedUser(user)}`),
  joins: (user: KeyedUser) => {
    const payload = encodeUtf8(`UPDATE:JOIN:${formatUser(user)}`);
    return concatBytes([header(payload.length), payload]);
  },
} as const;

/** Pieces that are together no longer than this are joined, in bytes: one write for them costs less than their copy. */
const SMALL_BYTES = 4_096;

/** Who is in the room, in the bytes that tell it to those who come. */
export class Welcome {
  readonly #users = new Set<KeyedUser>();
  /** Made when they are needed; dropped when they have not been for long. */
  readonly #slabs = new Map<keyof typeof ENTRIES, Slab>();

  /** Somebody is in the room. */
  add(user: KeyedUser): void {
    this.#users.add(user);
    for (const slab of this.#slabs.values()) slab.add(user);
  }

  /** Somebody, the very object that was added, is not any more. */
  remove(user: KeyedUser): void {
    this.#users.delete(user);
    for (const [kind, slab] of this.#slabs) {
      slab.remove(user);
      if (slab.isStale) this.#slabs.delete(kind);
    }
  }

  /**
   * The bytes that tell `self`, who is in the room, of everybody in it: in pieces that are never changed.
   *
   * Framed: LIST with as many as fit one frame, the rest as JOINs. For those who understand keys: ROSTER, in as many frames
   * as it takes. Classic: its own JOIN, which the original shows and takes for the sign that it is in, then LIST in
   * one line, without those on IPv6. Oneself is first, then all others in the order of their coming.
   */
  pieces(audience: Audience, self: KeyedUser): Uint8Array[] {
    const pieces = this.#pieces(audience, self);
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    return size <= SMALL_BYTES ? [concatBytes(pieces)] : pieces;
  }

  /** ROSTER for `self`, who is in the room: its frames, each in pieces that are never changed. */
  rosterFrames(self: KeyedUser): Uint8Array[][] {
    const others = new Others(this.#slab("quintuples"), self);
    const frames: Uint8Array[][] = [];
    let own = ENTRIES.quintuples(self);
    do {
      // The count in front has fewer digits the fewer are left.
      const left = (taken: number): string => `ROSTER:${others.left - taken}`;
      const fits = (taken: number, bytes: number): boolean =>
        left(taken).length + own.length + bytes <= MAX_FRAME_BYTES;
      const count = others.count(fits);
      const head = encodeUtf8(left(count));
      const told = others.take(count);
      const size = head.length + own.length + told.reduce((sum, { length }) => sum + length, 0);
      frames.push([concatBytes([header(size), head, own]), ...told]);
      own = NOTHING;
    } while (others.left > 0);
    return frames;
  }

  #pieces(audience: Audience, self: KeyedUser): Uint8Array[] {
    switch (audience) {
      case "framed":
        return this.#framed(self);
      case "classic":
        return this.#classic(self);
      case "keyed":
      case "resume":
        return this.rosterFrames(self).flat();
    }
  }

  #framed(self: KeyedUser): Uint8Array[] {
    const own = ENTRIES.triples(self);
    const triples = new Others(this.#slab("triples"), self);
    const room = MAX_FRAME_BYTES - LIST.length - own.length;
    const listed = triples.count((_, bytes) => bytes <= room);
    const list = triples.take(listed);
    const size = MAX_FRAME_BYTES - room + list.reduce((sum, { length }) => sum + length, 0);
    return [concatBytes([header(size), LIST, own]), ...list, ...this.#joinsAfter(listed, self)];
  }

  /** All others but the first `listed`, as JOINs. */
  #joinsAfter(listed: number, self: KeyedUser): Uint8Array[] {
    if (listed === this.#users.size - 1) return [];
    const joins = new Others(this.#slab("joins"), self);
    joins.take(listed);
    return joins.take(joins.left);
  }

  #classic(self: KeyedUser): Uint8Array[] {
    const others = new Others(this.#slab("visibleTriples"), self);
    const own = formatUser(self);
    const head = encodeUtf8(`UPDATE:JOIN:${own}\r\nLIST:${own}`);
    return [head, ...others.take(others.left), CR_LF];
  }

  #slab(kind: keyof typeof ENTRIES): Slab {
    const known = this.#slabs.get(kind);
    if (known) return known;
    const slab = new Slab(ENTRIES[kind]);
    for (const user of this.#users) slab.add(user);
    this.#slabs.set(kind, slab);
    return slab;
  }
}

/** Goes through all users of a slab but one. */
class Others {
  readonly #slab: Slab;
  readonly #size: number;
  readonly #self: number;
  /** Index of the next one. */
  #at = 0;

  constructor(slab: Slab, self: KeyedUser) {
    this.#slab = slab;
    this.#self = slab.indexOf(self);
    this.#size = slab.size;
    this.#skipSelf();
  }

  /** How many have not been taken. */
  get left(): number {
    return this.#size - this.#at - (this.#at <= this.#self ? 1 : 0);
  }

  /** How many can be taken so that they `fit`; if so many do not, more do not either. */
  count(fit: (users: number, bytes: number) => boolean): number {
    let [fits, tooMany] = [0, this.left + 1];
    while (tooMany - fits > 1) {
      const middle = (fits + tooMany) >> 1;
      if (fit(middle, this.#bytes(middle))) fits = middle;
      else tooMany = middle;
    }
    return fits;
  }

  /** Takes so many, as views: one, or two with oneself in between. */
  take(count: number): Uint8Array[] {
    const views = this.#ranges(count).map(([from, to]) => this.#slab.view(from, to));
    this.#at = this.#after(count);
    this.#skipSelf();
    return views.filter(({ length }) => length > 0);
  }

  #bytes(count: number): number {
    return this.#ranges(count).reduce(
      (sum, [from, to]) => sum + this.#slab.bytesBetween(from, to),
      0,
    );
  }

  #ranges(count: number): (readonly [from: number, to: number])[] {
    const end = this.#after(count);
    if (this.#self < this.#at || this.#self >= end) return [[this.#at, end]];
    return [[this.#at, this.#self], [this.#self + 1, end]];
  }

  /** The index behind the next `count`. */
  #after(count: number): number {
    const end = this.#at + count;
    return this.#self >= this.#at && this.#self < end ? end + 1 : end;
  }

  #skipSelf(): void {
    if (this.#at === this.#self) this.#at++;
  }
}

function header(length: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}
