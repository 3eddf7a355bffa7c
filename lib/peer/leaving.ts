import { earliest } from "../protocol/earliest.ts";
import {
  FLUSH_POLL_MS,
  QUIT_OFFLINE_MS,
  QUIT_OPENING_MS,
  QUIT_SENDING_MS,
  QUIT_UNANSWERED_MS,
  QUIT_UNREAD_MS,
} from "./limits.ts";

/** What was asked for and is not done yet. */
export interface UnfinishedWork {
  /** Whether a chat is on its way. */
  readonly opening: boolean;
  /** Whether texts wait for their time. */
  readonly sending: boolean;
  /** Broadcasts that wait for their turn, or to be acknowledged. */
  readonly broadcasts: number;
  /** Whether the registry is there to take them. */
  readonly online: boolean;
  /** Bytes that peers have not read yet. */
  readonly unread: number;
}

/** From being asked to quit until nothing, or nothing that will end, holds us back. No clock. */
export class Leaving {
  #until: { opening: number; sending: number; offline: number } | undefined;
  /** Bytes that peers have not read, and since when they are as many. */
  #unread = { bytes: 0, since: 0 };
  /** The same for broadcasts, while the registry is there or is not. */
  #unsent = { broadcasts: 0, online: false, since: 0 };

  /** Whether we are to quit. */
  get asked(): boolean {
    return this.#until !== undefined;
  }

  /**
   * We are to quit.
   *
   * @param patient whether what others have to do may take as long as it takes
   */
  ask(patient: boolean, now: number): void {
    const [opening, sending] = [now + QUIT_OPENING_MS, now + QUIT_SENDING_MS];
    if (!patient) this.#until = { opening, sending, offline: sending };
    else this.#until ??= { opening: Infinity, sending: Infinity, offline: now + QUIT_OFFLINE_MS };
    this.#unread = { bytes: 0, since: now };
    this.#unsent = { broadcasts: 0, online: false, since: now };
  }

  /** Whether nothing holds us back any more at `now`. */
  mayGo(work: UnfinishedWork, now: number): boolean {
    if (!this.#until) return false;
    const { unread, broadcasts, online } = work;
    if (unread !== this.#unread.bytes) this.#unread = { bytes: unread, since: now };
    const before = this.#unsent;
    if (broadcasts !== before.broadcasts || online !== before.online) {
      this.#unsent = { broadcasts, online, since: now };
    }
    return this.#holds(work).every((until) => until <= now);
  }

  /** When to ask {@linkcode mayGo} again. */
  nextTimeout(work: UnfinishedWork, now: number): number | undefined {
    // Nobody tells when a peer has read: look.
    const look = this.#unread.bytes > 0 ? now + FLUSH_POLL_MS : undefined;
    return earliest([...this.#holds(work), look]);
  }

  /** Until when each kind of unfinished work holds us back. */
  #holds(work: UnfinishedWork): number[] {
    if (!this.#until) return [];
    const { opening, sending, offline } = this.#until;
    const { bytes, since } = this.#unread;
    const holds: number[] = [];
    if (work.opening) holds.push(opening);
    if (work.sending) holds.push(sending);
    const unanswered = this.#unsent.since + QUIT_UNANSWERED_MS;
    if (work.broadcasts > 0) holds.push(work.online ? Math.min(sending, unanswered) : offline);
    if (bytes > 0) holds.push(Math.min(sending, since + QUIT_UNREAD_MS));
    return holds;
  }
}
