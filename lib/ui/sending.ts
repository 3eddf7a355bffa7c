import type { ClientEvent, ErrorEvent, SessionEvent } from "../peer/events.ts";
import { nameKey } from "../protocol/name.ts";
import { ROOM } from "./send_flags.ts";

/** Why something was not said. */
export interface Failure {
  readonly code: string;
  /** For people. */
  readonly message: string;
}

/** Errors that need not keep a message from arriving: the client goes on, and tells at its end what it has lost. */
const PASSING: readonly string[] = ["store", "not-connected", "closing"];

/** What becomes of what one call of `send` says, as its client's events tell it. */
export class Sending {
  readonly #to: string;
  readonly #decided = Promise.withResolvers<void>();
  #failure: Failure | undefined;
  #isOpen = false;
  #isDone = false;

  /** @param to a user name, or {@linkcode ROOM} */
  constructor(to: string) {
    this.#to = to;
  }

  /** Why it failed, once it has. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Resolves once the private chat is open, or it has failed. */
  get decided(): Promise<void> {
    return this.#decided.promise;
  }

  /** Nothing more is going to be said. */
  done(): void {
    this.#isDone = true;
  }

  /** It has failed, unless it had before. */
  fail(code: string, message: string): void {
    this.#failure ??= { code, message };
    this.#decided.resolve();
  }

  /** Fails if the private chat is not open by now. */
  outOfTime(seconds: number): void {
    if (!this.#isOpen) this.fail("no-answer", `${this.#to} has not accepted within ${seconds} s`);
  }

  /** What the client tells. */
  heard(event: ClientEvent): void {
    if (event.event === "error") this.#error(event);
    else if (event.event === "session") this.#session(event);
    else if (event.event === "bye") this.#decided.resolve();
  }

  #error({ code, message }: ErrorEvent): void {
    if (!PASSING.includes(code)) this.fail(code, message);
  }

  #session({ peer, state, reason = "closed", unconfirmed = 0 }: SessionEvent): void {
    if (this.#to === ROOM || nameKey(peer) !== nameKey(this.#to)) return;
    if (state === "open") {
      this.#isOpen = true;
      this.#decided.resolve();
    } else if (!this.#isOpen) this.fail(reason, `no private chat with ${peer}: ${reason}`);
    else if (!this.#isDone || unconfirmed > 0 || (reason !== "quit" && reason !== "closed")) {
      this.fail(reason, `the private chat with ${peer} ended before all was said: ${reason}`);
    }
  }
}
