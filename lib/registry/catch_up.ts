import { concatBytes } from "../protocol/bytes.ts";
import type { DeliveryNotice, MessageId } from "../protocol/delivery.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { Counters } from "./counters.ts";
import { encodeMessage, encodeNotice, type PresenceNotice } from "./encoding.ts";
import { CATCH_UP_BYTES, MAX_SUMMARY_CHANGES } from "./limits.ts";
import type { PresenceLog } from "./presence_log.ts";
import type { Position, RoomLog } from "./room_log.ts";
import { sizeOf } from "./turn.ts";

/** A broadcast of somebody's own. */
export interface OwnBroadcast {
  readonly number: number;
  readonly id: MessageId | undefined;
}

/** Who catches up. */
export interface Reader {
  readonly user: KeyedUser;
  /** Its last broadcasts, in order: where the room has forgotten them, they are known here. */
  readonly own: readonly OwnBroadcast[];
}

/** One frame, in pieces: between them MUST NOT be anything else. */
type Frame = readonly Uint8Array[];

/** Frames that are made as they are needed. */
export interface FrameSource {
  /** The next one, whole; `undefined` once there is none. */
  next(): Uint8Array | undefined;
}

/** What a {@linkcode CatchUp} works with. */
export interface CatchUpParts {
  readonly log: RoomLog;
  /** Everybody who is here, as the frames of ROSTER, each in pieces; oneself is given. */
  readonly roster: (self: KeyedUser) => readonly Frame[];
  readonly counters: Counters;
}

/** An answer that has its place in the stream. */
interface Answer {
  /** Behind the broadcast of this number. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/**
 * Produces one member's stream from what the room remembers, as fast as the member reads, from where it stands until it
 * is level with the room:
 *
 * - for each broadcast first what the joins and leaves before it come to, then its SAID, or its ACK for one's own;
 * - GAP, where broadcasts are not remembered; then the ACKs of one's own among them, without their places;
 * - to who has come back ROSTER, where joins and leaves are not, or are too many;
 * - answers that were given meanwhile, in their places.
 *
 * Where joins and leaves are forgotten while it catches up, it is lost: it has to come back.
 */
export class CatchUp {
  readonly #parts: CatchUpParts;
  readonly #reader: Reader;
  /** Whether the reader has seen exactly what is before its position. */
  readonly #exact: boolean;
  #number: number;
  #presence: number;
  /** Frames that are due, the next one last. */
  #due: Frame[] = [];
  /** What was said before the reader came, while it has not got all of it; in front of all else. */
  #replay: FrameSource | undefined;
  #answers: Answer[] = [];
  #answerBytes = 0;

  /**
   * @param how `back`: the reader has lost its connection, and may have seen something after its position; `slow`: it has
   * seen nothing
   */
  constructor(parts: CatchUpParts, reader: Reader, at: Position, how: "back" | "slow") {
    this.#parts = parts;
    this.#reader = reader;
    this.#exact = how === "slow";
    this.#number = at.number;
    this.#presence = at.presence;
    const { roster, log: { presence } } = parts;
    const isToldChanges = presence.reachesBack(at.presence) &&
      presence.last - at.presence <= MAX_SUMMARY_CHANGES;
    if (this.#exact || isToldChanges) return;
    this.#presence = presence.last;
    this.#due = roster(reader.user).toReversed();
  }

  /** Bytes of answers that wait for their places. */
  get waiting(): number {
    return this.#answerBytes;
  }

  /** An answer, in its place behind the broadcast of that number; later ones have no lower number. */
  answer(number: number, bytes: Uint8Array): void {
    this.#answers.push({ number, bytes });
    this.#answerBytes += bytes.length;
  }

  /** Puts these before all that is to come. */
  replay(frames: FrameSource): void {
    this.#replay = frames;
  }

  /** The next frames, whole, of 64 KiB at most or a single one; or that it is level with the room, or lost. */
  next(): Uint8Array | "level" | "lost" {
    if (!this.#parts.log.presence.reachesBack(this.#presence)) return "lost";
    const parts: Uint8Array[] = [];
    for (let size = 0; size < CATCH_UP_BYTES;) {
      const frame = this.#due.at(-1);
      if (frame) {
        size += sizeOf(frame);
        if (size > CATCH_UP_BYTES && parts.length > 0) break;
        parts.push(...frame);
        this.#due.pop();
      } else if (!this.#advance()) break;
    }
    return parts.length > 0 ? concatBytes(parts) : "level";
  }

  /** For one who goes: the answers and acknowledgements that have not found their places. */
  finish(): Uint8Array {
    const own = this.#reader.own.filter(({ number }) => number > this.#number);
    for (const each of own.toReversed()) this.#acknowledge(each, 0);
    const answers = this.#answers.map(({ bytes }) => bytes);
    return concatBytes([...this.#due.splice(0).toReversed().flat(), ...answers]);
  }

  /** Goes one step on; says whether there was one. */
  #advance(): boolean {
    const { log } = this.#parts;
    const past = this.#replay?.next();
    if (past) {
      this.#due.push([past]);
      return true;
    }
    this.#replay = undefined;
    const [answer] = this.#answers;
    if (answer && answer.number <= this.#number) {
      this.#answers.shift();
      this.#answerBytes -= answer.bytes.length;
      this.#due.push([answer.bytes]);
    } else if (this.#number < log.number) {
      if (this.#number + 1 < log.history.first) this.#skip(log.history.first - 1);
      else this.#broadcast();
    } else if (this.#presence < log.presence.last) this.#changes(log.presence.last);
    else return false;
    return true;
  }

  #broadcast(): void {
    const { log, counters } = this.#parts;
    const broadcast = log.history.get(this.#number + 1);
    if (!broadcast) throw new RangeError("Cannot catch up: the room does not remember");
    if (this.#presence < broadcast.presence) return this.#changes(broadcast.presence);
    this.#number = broadcast.number;
    const { user } = this.#reader;
    if (broadcast.session === user.session) return this.#acknowledge(broadcast, broadcast.number);
    counters.deliveries++;
    this.#due.push([broadcast.said]);
  }

  /** Tells that the broadcasts up to that number are not remembered. */
  #skip(number: number): void {
    const { counters } = this.#parts;
    const own = this.#reader.own.filter((each) =>
      each.number > this.#number && each.number <= number
    );
    const missed = number - this.#number - own.length;
    this.#number = number;
    for (const each of own.toReversed()) this.#acknowledge(each, 0);
    this.#tell({ verb: "GAP", missed, number });
    counters.gaps++;
    counters.missed += missed;
  }

  /** @param number its place; 0: none */
  #acknowledge({ id }: OwnBroadcast, number: number): void {
    if (id) this.#tell({ verb: "ACK", id, epoch: this.#parts.log.epoch, number });
  }

  /** Tells what the joins and leaves up to that number come to. */
  #changes(to: number): void {
    const { presence } = this.#parts.log;
    const range = { from: this.#presence, to, exact: this.#exact };
    const notices = summary(presence, { ...range, except: this.#reader.user.session });
    this.#presence = to;
    this.#due = notices.map((notice) => [encodeNotice("resume", notice)]).reverse();
  }

  #tell(message: DeliveryNotice): void {
    this.#due.push([encodeMessage("framed", message)]);
  }
}

/** Which joins and leaves a {@linkcode summary} is of, and for whom: see {@linkcode PresenceLog.net}. */
export interface SummaryOf {
  readonly from: number;
  readonly to: number;
  readonly exact: boolean;
  readonly except?: string;
}

/**
 * What joins and leaves come to, as notices: leaves, then joins; the last one has the number that it reaches, the others have
 * the one from which it starts.
 */
export function summary(
  log: PresenceLog,
  { from, to, exact, except }: SummaryOf,
): PresenceNotice[] {
  const net = log.net(from, to, exact, except);
  const changes = [
    ...net.left.map((user) => ({ change: "LEAVE", user }) as const),
    ...net.joined.map((user) => ({ change: "JOIN", user }) as const),
  ];
  return changes.map(({ change, user }, index) => {
    const presence = index === changes.length - 1 ? to : from;
    return { kind: "presence", presence, change, user };
  });
}
