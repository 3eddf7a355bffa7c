import { type ClientKind, Member, type MemberHandler } from "./member.ts";
import { pause } from "./pause.ts";
import { Publisher } from "./publisher.ts";
import type { Presence } from "./verbs.ts";
import { publisherAt, sequenceAt } from "./stamp.ts";

/** Members that join at the same time. */
const JOINING = 64;
/** How long what is on its way may stand still until it counts as lost, in milliseconds. */
const STILL_MS = 2_000;
const STILL_POLL_MS = 20;

/** A room to be filled. */
export interface RoomOptions {
  readonly port: number;
  /** What the names of all its members begin with. */
  readonly prefix: string;
  readonly kind: ClientKind;
  readonly members: number;
  /** How many of them speak. */
  readonly publishers: number;
  /** Of each text. */
  readonly bytes: number;
  /** Messages on their way at most. */
  readonly window: number;
}

/** What all messages of a room came to. */
export interface Account {
  /** Deliveries that have not come, and messages of `resume` clients that were not acknowledged. */
  readonly lost: number;
  /** Deliveries that were not the next of their publisher: repeated, or after a lost one. */
  readonly disordered: number;
}

/** A room that this process fills alone: its members, and how much of what was said has come to each of them. */
export class Room {
  readonly #options: RoomOptions;
  readonly #members: Member[] = [];
  readonly #publishers: Publisher[] = [];
  readonly #listeners: Listener[] = [];
  readonly #heard: Heard = { count: 0, disordered: 0, notices: 0, onMessage: () => {} };
  #next = 0;
  #said = 0;
  #fault: Error | undefined;

  private constructor(options: RoomOptions) {
    this.#options = options;
  }

  /**
   * A room with all of its members in it.
   *
   * @throws {NotServed}
   */
  static async fill(options: RoomOptions): Promise<Room> {
    const room = new Room(options);
    for (let from = 0; from < options.members; from += JOINING) {
      const joining: Promise<void>[] = [];
      for (let i = from; i < Math.min(from + JOINING, options.members); i++) {
        joining.push(room.#newMember(i).join());
      }
      await Promise.all(joining);
    }
    return room;
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** Messages that were said. */
  get said(): number {
    return this.#said;
  }

  /** Deliveries that have come. */
  get delivered(): number {
    return this.#heard.count;
  }

  /** Joins and leaves that members were told of. */
  get notices(): number {
    return this.#heard.notices;
  }

  /** How many each member was told of who have come and not left, in all. */
  get acquainted(): number {
    return this.#listeners.reduce((sum, { present }) => sum + present.size, 0);
  }

  /** Deliveries that are on their way. */
  get outstanding(): number {
    return this.#said * (this.#options.members - 1) - this.#heard.count;
  }

  /** Has `heard` called at each delivery; the text ends at `end`. */
  onMessage(heard: (view: DataView, end: number) => void): void {
    this.#heard.onMessage = heard;
  }

  /** Has the publishers say `count` messages by turns; `time` in whole microseconds. */
  say(count: number, time: number): void {
    for (let i = 0; i < count; i++) {
      this.#publishers[this.#next]?.say(time);
      this.#next = (this.#next + 1) % this.#publishers.length;
    }
    this.#said += count;
    for (const publisher of this.#publishers) publisher.flush();
  }

  /**
   * Waits for what is on its way.
   *
   * @throws {Error} if a member was told an error or cut
   */
  async settle(): Promise<Account> {
    let before = -1;
    for (let still = 0; this.#unsettled > 0 && still < STILL_MS; still += STILL_POLL_MS) {
      if (this.#unsettled !== before) still = 0;
      before = this.#unsettled;
      await pause(STILL_POLL_MS);
    }
    if (this.#fault) throw this.#fault;
    return { lost: this.#unsettled, disordered: this.#heard.disordered };
  }

  /** A member's end, which nobody has asked for. */
  failed(why: Error): void {
    this.#fault ??= why;
  }

  #newMember(index: number): Member {
    const { port, prefix, kind, publishers, bytes, window } = this.#options;
    const listener = new Listener(this, this.#heard, publishers, bytes);
    const member = new Member({ port, name: `${prefix}${index}`, kind }, listener);
    this.#listeners.push(listener);
    this.#members.push(member);
    if (index < publishers) {
      this.#publishers.push(new Publisher(member, kind, index, bytes, window));
    }
    return member;
  }

  get #unsettled(): number {
    return this.outstanding + this.#unacknowledged;
  }

  get #unacknowledged(): number {
    if (this.#options.kind === "plain") return 0;
    return this.#members.reduce((left, { acknowledged }) => left - acknowledged, this.#said);
  }
}

/** What all members of a room have heard. */
interface Heard {
  count: number;
  disordered: number;
  notices: number;
  onMessage: (view: DataView, end: number) => void;
}

/** What one member hears: whether each message is the next of its publisher. */
class Listener implements MemberHandler {
  readonly #room: Room;
  readonly #heard: Heard;
  readonly #bytes: number;
  readonly #expected: Int32Array;
  /** Who has come since it is in the room, and not left. A notice that changes nothing is as good as none. */
  readonly present: Set<string> = new Set();

  constructor(room: Room, heard: Heard, publishers: number, bytes: number) {
    this.#room = room;
    this.#heard = heard;
    this.#bytes = bytes;
    this.#expected = new Int32Array(publishers);
  }

  message(view: DataView, end: number): void {
    const heard = this.#heard;
    const at = end - this.#bytes;
    const publisher = publisherAt(view, at);
    const sequence = sequenceAt(view, at);
    if (this.#expected[publisher] !== sequence) heard.disordered++;
    this.#expected[publisher] = sequence + 1;
    heard.count++;
    heard.onMessage(view, end);
  }

  presence({ joined, who }: Presence): void {
    this.#heard.notices++;
    if (joined) this.present.add(who);
    else this.present.delete(who);
  }

  failed(why: Error): void {
    this.#room.failed(why);
  }
}
