import type { ProtocolError } from "../protocol/error.ts";
import { badMessage } from "../protocol/fields.ts";
import type { Past, ReplayAnswer, ReplayRequest } from "../protocol/replay.ts";
import type { ClientEvent } from "./events.ts";
import { MAX_HELD_EVENTS } from "./limits.ts";

/** What {@linkcode PastBroadcasts} work with. */
export interface PastBroadcastsOptions {
  /** How many to ask for; `undefined`: do not ask. */
  readonly count: number | undefined;
  /** Whether our user wants to hear nothing of somebody. */
  readonly isBlocked: (username: string) => boolean;
  readonly emit: (event: ClientEvent) => void;
  readonly send: (request: ReplayRequest) => void;
}

/**
 * What was said before we came, as the registry remembers it: asked for once, told before all that is said since. It says
 * nothing of where we are in the stream, nor of what we have heard: it is another time's.
 */
export class PastBroadcasts {
  readonly #o: PastBroadcastsOptions;
  #stage: "none" | "asked" | "coming" = "none";
  #isFirst = true;
  /** How many may still come. */
  #left = 0;
  #limit = 0;
  #told = 0;
  /** The number of the last one. */
  #number = 0;
  /** What is said since, while those before it are to come. */
  #held: ClientEvent[] = [];
  #isPatient = true;

  constructor(options: PastBroadcastsOptions) {
    this.#o = options;
  }

  /**
   * We are in by REGISTER. Asks the first time only: what the registry could give later we have heard, or have been told that
   * we missed it.
   *
   * @param gives whether the registry gives anything
   * @returns how many messages went to it
   */
  entered(gives: boolean): 0 | 1 {
    const { count, emit, send } = this.#o;
    const asks = count !== undefined && this.#isFirst;
    this.#isFirst = false;
    if (!asks) return 0;
    if (!gives) {
      emit({ event: "replay", state: "end", count: 0, limit: 0 });
      return 0;
    }
    this.#stage = "asked";
    this.#left = count;
    send({ verb: "REPLAY", count });
    return 1;
  }

  /** Tells what is said since: at once, or in its turn. */
  afterwards(event: ClientEvent): void {
    if (this.#stage === "none" || !this.#isPatient) return this.#o.emit(event);
    this.#held.push(event);
    if (this.#held.length < MAX_HELD_EVENTS) return;
    this.#isPatient = false;
    this.#release();
  }

  /**
   * A part of the answer.
   *
   * @throws {ProtocolError} `bad-message` if it may not come now
   */
  told(message: ReplayAnswer): void {
    switch (message.verb) {
      case "REPLAYING": {
        const { count, limit } = message;
        if (this.#stage !== "asked" || count > this.#left) throw unasked();
        this.#stage = "coming";
        this.#left = count;
        this.#limit = limit;
        return this.#o.emit({ event: "replay", state: "begin", count, limit });
      }
      case "PAST":
        return this.#past(message);
      case "REPLAYED":
        if (this.#stage !== "coming") throw unasked();
        return this.over();
    }
  }

  /** There is no more of it, as it was all or the connection is over; what was said since is told now. */
  over(): void {
    const { emit } = this.#o;
    const [count, limit] = [this.#told, this.#limit];
    if (this.#stage === "coming") emit({ event: "replay", state: "end", count, limit });
    this.#stage = "none";
    this.#release();
  }

  #past({ number, age, username: from, text }: Past): void {
    if (this.#stage !== "coming" || this.#left === 0 || number <= this.#number) throw unasked();
    this.#left--;
    this.#number = number;
    if (this.#o.isBlocked(from)) return;
    this.#told++;
    this.#o.emit({ event: "broadcast", from, text, replayed: true, age });
  }

  #release(): void {
    for (const event of this.#held.splice(0)) this.#o.emit(event);
  }
}

function unasked(): ProtocolError {
  return badMessage("messages of the past that nobody asked for");
}
