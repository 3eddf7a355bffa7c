import type { MessageId } from "../protocol/delivery.ts";
import { encodeFrame } from "../protocol/frame.ts";
import { type ClientMessage, formatMessage } from "../protocol/message.ts";
import { DEFAULT_RATE, MAX_QUEUED_BROADCASTS, MAX_UNANSWERED } from "./limits.ts";
import { Pace } from "./pace.ts";
import type { Self } from "./self.ts";

/** How the registry takes broadcasts, as we were let in. */
export interface Delivery {
  /** Messages a second; 0: as many as come. */
  readonly rate: number;
}

/**
 * Our broadcasts, sent in order and no faster than the registry takes them; where it acknowledges them, kept until it
 * has, and sent again on the next connection before anything new. No sockets, no clock.
 */
export class OutgoingBroadcasts {
  readonly #self: Self;
  readonly #run: string;
  readonly #send: (bytes: Uint8Array) => void;
  /** Not sent yet. */
  readonly #queue: string[] = [];
  /** Sent and neither acknowledged nor refused, by their count, in order. */
  readonly #unanswered = new Map<number, string>();
  /** Those of them that this connection has not carried yet. */
  #again: number[] = [];
  #count = 0;
  #pace = new Pace(DEFAULT_RATE);
  #state: "away" | "plain" | "acknowledged" = "away";
  #next: number | undefined;

  /** @param run 16 hexadecimal digits of this run of our program alone */
  constructor(self: Self, run: string, send: (bytes: Uint8Array) => void) {
    this.#self = self;
    this.#run = run;
    this.#send = send;
  }

  /** How many are not known to have arrived. */
  get pending(): number {
    return this.#queue.length + this.#unanswered.size;
  }

  /** The counts of those that were sent and neither acknowledged nor refused, in order. */
  get unanswered(): number[] {
    return [...this.#unanswered.keys()];
  }

  /** Queues a text; says whether there was room. */
  push(text: string): boolean {
    if (this.#queue.length >= MAX_QUEUED_BROADCASTS) return false;
    this.#queue.push(text);
    return true;
  }

  /**
   * We are in the room.
   *
   * @param delivery `undefined` if this registry acknowledges nothing
   * @returns how many sent before will never be acknowledged here, and must not be sent to one who could not tell
   * that they are here twice
   */
  entered(delivery: Delivery | undefined): number {
    this.#state = delivery ? "acknowledged" : "plain";
    this.#pace = this.#pace.at(delivery?.rate ?? DEFAULT_RATE);
    const uncertain = delivery ? 0 : this.#unanswered.size;
    if (!delivery) this.#unanswered.clear();
    this.#again = this.unanswered;
    return uncertain;
  }

  /** Messages that went to the registry besides: they count there. */
  spent(messages: number, now: number): void {
    this.#pace.spent(messages, now);
  }

  /** Sends what may be sent at `now`. */
  sendDue(now: number): void {
    this.#next = undefined;
    for (let next = this.#head(); next; next = this.#head()) {
      const frame = encodeFrame(formatMessage(next));
      const wait = this.#pace.take(frame.length, now);
      if (wait > 0) {
        this.#next = now + wait;
        return;
      }
      this.#take(next);
      this.#send(frame);
    }
  }

  /** Whether we have sent a message of that id. */
  isOurs({ run, count }: MessageId): boolean {
    return run === this.#run && count <= this.#count;
  }

  /** The registry has taken one of ours, or refused it: its text the first time that it says so. */
  answered({ count }: MessageId): string | undefined {
    const text = this.#unanswered.get(count);
    this.#unanswered.delete(count);
    return text;
  }

  /** There is nobody to send to: what waits is kept. */
  pause(): void {
    this.#state = "away";
    this.#next = undefined;
  }

  /** There will be nobody any more. Returns how many have not arrived, or are not known to have. */
  abandon(): number {
    const { pending } = this;
    this.pause();
    this.#queue.length = 0;
    this.#unanswered.clear();
    return pending;
  }

  /** When {@linkcode sendDue} has something to do. */
  nextTimeout(): number | undefined {
    return this.#next;
  }

  /** What goes out next. */
  #head(): Extract<ClientMessage, { verb: "SAY" | "BROADCAST" }> | undefined {
    if (this.#state === "away") return undefined;
    for (let [count] = this.#again; count !== undefined; [count] = this.#again) {
      const text = this.#unanswered.get(count);
      if (text !== undefined) return { verb: "SAY", id: { run: this.#run, count }, text };
      this.#again.shift();
    }
    const [text] = this.#queue;
    if (text === undefined) return undefined;
    // The name may be another one since it was said.
    const { username } = this.#self;
    if (this.#state === "plain") return { verb: "BROADCAST", username, text };
    if (this.#unanswered.size >= MAX_UNANSWERED) return undefined;
    return { verb: "SAY", id: { run: this.#run, count: this.#count + 1 }, text };
  }

  /** It goes out now. */
  #take(message: Extract<ClientMessage, { verb: "SAY" | "BROADCAST" }>): void {
    if (message.verb === "SAY" && message.id.count <= this.#count) {
      this.#again.shift();
      return;
    }
    this.#queue.shift();
    if (message.verb !== "SAY") return;
    this.#count = message.id.count;
    this.#unanswered.set(message.id.count, message.text);
  }
}
