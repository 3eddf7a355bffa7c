import type { MessageId } from "../protocol/delivery.ts";
import type { ErrorCode } from "../protocol/error.ts";
import { MAX_RUNS, MAX_RUNS_OF_SENDER, REFUSALS_OF_RUN } from "./limits.ts";

/** What one run of a sender's program has sent. */
interface Run {
  /** Of the messages taken. */
  highest: number;
  /**
   * The last messages that were refused, and why: to take one when it comes again would put it behind those that
   * followed it, and to acknowledge it as taken would lose it.
   */
  readonly refused: Map<number, ErrorCode>;
}

/**
 * Knows messages that come again, whatever became of the session in which they came first. A sender is a key. What
 * was used the longest ago is forgotten where there is too much: such a message would be taken again.
 */
export class Senders {
  readonly #max: number;
  /** By sender and run; the sender used the longest ago first. */
  readonly #senders = new Map<string, Map<string, Run>>();
  #runs = 0;

  /** @param max runs at most, of all senders */
  constructor(max = MAX_RUNS) {
    this.#max = max;
  }

  /** What became of that message before, or why it was refused; `undefined` if it is new. */
  before(sender: string, { run: digits, count }: MessageId): "taken" | ErrorCode | undefined {
    const run = this.#senders.get(sender)?.get(digits);
    if (!run || count > run.highest) return undefined;
    return run.refused.get(count) ?? "taken";
  }

  /** A new message was taken. */
  took(sender: string, { run, count }: MessageId): void {
    this.#use(sender, run).highest = count;
  }

  /** A message was refused. */
  refused(sender: string, { run: digits, count }: MessageId, code: ErrorCode): void {
    const { highest, refused } = this.#use(sender, digits);
    if (count <= highest) return;
    refused.set(count, code);
    const [oldest] = refused.keys();
    if (refused.size > REFUSALS_OF_RUN && oldest !== undefined) refused.delete(oldest);
  }

  #use(sender: string, digits: string): Run {
    const runs = this.#senders.get(sender) ?? new Map<string, Run>();
    this.#senders.delete(sender);
    this.#senders.set(sender, runs);
    const known = runs.get(digits);
    if (known) return known;
    const run = { highest: 0, refused: new Map<number, ErrorCode>() };
    runs.set(digits, run);
    this.#runs++;
    const [oldest] = runs.keys();
    if (runs.size > MAX_RUNS_OF_SENDER && oldest !== undefined) {
      runs.delete(oldest);
      this.#runs--;
    }
    this.#forgetOldest();
    return run;
  }

  #forgetOldest(): void {
    for (const [sender, runs] of this.#senders) {
      if (this.#runs <= this.#max) return;
      this.#senders.delete(sender);
      this.#runs -= runs.size;
    }
  }
}
