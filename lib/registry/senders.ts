import type { MessageId } from "../protocol/delivery.ts";
import type { ErrorCode } from "../protocol/error.ts";
import { MAX_REFUSALS, MAX_RUNS, MAX_RUNS_OF_SENDER, REFUSALS_OF_RUN } from "./limits.ts";

/** What one run of a sender's program has sent. */
interface Run {
  /** Of the messages taken. */
  highest: number;
  /**
   * The last messages that were refused, and why: to take one when it comes again would put it behind those that
   * followed it, and to acknowledge it as taken would lose it.
   */
  readonly refused: Map<number, Refusal>;
}

interface Refusal {
  readonly run: Run;
  readonly count: number;
  readonly code: ErrorCode;
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
  readonly #maxRefusals: number;
  /** The last ones of all runs, in a ring: a Set that loses its first at each step is slow to find the next. */
  readonly #refusals: Refusal[] = [];
  #oldest = 0;

  /**
   * @param max runs at most, of all senders
   * @param maxRefusals refused messages at most, of all runs
   */
  constructor(max = MAX_RUNS, maxRefusals = MAX_REFUSALS) {
    this.#max = max;
    this.#maxRefusals = maxRefusals;
  }

  /** What became of that message before, or why it was refused; `undefined` if it is new. */
  before(sender: string, { run: digits, count }: MessageId): "taken" | ErrorCode | undefined {
    const run = this.#senders.get(sender)?.get(digits);
    if (!run || count > run.highest) return undefined;
    return run.refused.get(count)?.code ?? "taken";
  }

  /** A new message was taken. */
  took(sender: string, { run, count }: MessageId): void {
    this.#use(sender, run).highest = count;
  }

  /** A message was refused. */
  refused(sender: string, { run: digits, count }: MessageId, code: ErrorCode): void {
    const run = this.#use(sender, digits);
    if (count <= run.highest) return;
    const refusal = { run, count, code };
    run.refused.set(count, refusal);
    const [oldest] = run.refused.keys();
    if (run.refused.size > REFUSALS_OF_RUN && oldest !== undefined) run.refused.delete(oldest);
    this.#remember(refusal);
  }

  /** In the place of the oldest refusal of all, where there are enough. */
  #remember(refusal: Refusal): void {
    const old = this.#refusals[this.#oldest];
    if (old && old.run.refused.get(old.count) === old) old.run.refused.delete(old.count);
    this.#refusals[this.#oldest] = refusal;
    this.#oldest = (this.#oldest + 1) % this.#maxRefusals;
  }

  #use(sender: string, digits: string): Run {
    const runs = this.#senders.get(sender) ?? new Map<string, Run>();
    this.#senders.delete(sender);
    this.#senders.set(sender, runs);
    const known = runs.get(digits);
    const run = known ?? { highest: 0, refused: new Map<number, Refusal>() };
    // Behind all others, so that the order is that of use.
    runs.delete(digits);
    runs.set(digits, run);
    if (known) return run;
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
