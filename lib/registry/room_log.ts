import type { MessageId } from "../protocol/delivery.ts";
import type { KeyedUser } from "../protocol/keyed.ts";
import type { Clock } from "./clock.ts";
import {
  type BroadcastNotice,
  encodeMessage,
  encodeNotice,
  type PresenceNotice,
} from "./encoding.ts";
import { History } from "./history.ts";
import { PassedBroadcasts } from "./passed_broadcasts.ts";
import { PresenceLog } from "./presence_log.ts";

/** A place in what the room tells: after the broadcast and after the join or leave of these numbers. */
export interface Position {
  readonly number: number;
  readonly presence: number;
}

/**
 * Numbers what the room tells, and remembers it for those who have missed some of it. Joins and leaves are always
 * remembered, broadcasts only once somebody has come who could ask for them: a room of plain clients pays nothing.
 */
export class RoomLog {
  /** 16 hexadecimal digits, of this run of the registry. */
  readonly epoch: string;
  readonly presence: PresenceLog;
  readonly #clock: Clock;
  readonly #history: History;
  /** What is to be remembered behind the history, and was not read yet. */
  readonly #passed = new PassedBroadcasts();
  #number = 0;
  #keeps = false;

  constructor(
    epoch: string,
    clock: Clock,
    history = new History(),
    presence = new PresenceLog(),
  ) {
    this.epoch = epoch;
    this.#clock = clock;
    this.#history = history;
    this.presence = presence;
  }

  /** The last broadcasts, all that are remembered. */
  get history(): History {
    const passed = this.#passed.take();
    const [first] = passed;
    // The oldest of them may have been forgotten.
    if (first && first.number > this.#history.last + 1) this.#history.clear(first.number - 1);
    for (const { number, presence, at, username, text } of passed) {
      const said = encodeMessage("framed", {
        verb: "SAID",
        epoch: this.epoch,
        number,
        username,
        id: undefined,
        text,
      });
      // Nobody who can come back has said it: no session has to know it for its own.
      this.#history.add({ number, presence, session: "", id: undefined, at, said });
    }
    return this.#history;
  }

  /** Where the room is now. */
  get position(): Position {
    return { number: this.#number, presence: this.presence.last };
  }

  /** Of the last broadcast; 0 if there was none. */
  get number(): number {
    return this.#number;
  }

  /** Whether broadcasts are remembered. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** From now on broadcasts are remembered, or not. */
  keep(keeps: boolean): void {
    if (keeps === this.#keeps) return;
    this.#keeps = keeps;
    this.#passed.clear();
    this.#history.clear(this.#number);
  }

  /** The next broadcast. */
  broadcast(sender: KeyedUser, text: string, id: MessageId | undefined): BroadcastNotice {
    const kind = "broadcast";
    const number = ++this.#number;
    const notice = { kind, epoch: this.epoch, number, sender, id, text, said: undefined } as const;
    if (!this.#keeps) return notice;
    const said = encodeNotice("resume", notice);
    const { last: presence } = this.presence;
    const { now: at } = this.#clock;
    this.history.add({ number, presence, session: sender.session, id, at, said });
    return { ...notice, said };
  }

  /** The next broadcasts, so many, that were told as these frames: who has said them MUST NOT be able to come back. */
  passed(count: number, frames: Uint8Array): void {
    const first = this.#number + 1;
    this.#number += count;
    if (!this.#keeps) return;
    const { now: at } = this.#clock;
    this.#passed.add({ first, count, presence: this.presence.last, at, frames });
  }

  /** The next join or leave. */
  changed(change: "JOIN" | "LEAVE", user: KeyedUser): PresenceNotice {
    return this.presence.add(change, user);
  }
}
