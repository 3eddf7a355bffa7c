import { earliest } from "../protocol/earliest.ts";
import type { Connection } from "./connection.ts";
import { FIRST_MESSAGE_MS, REGISTRATION_MS } from "./limits.ts";

/** Who has connected and is not in the room yet, and how long each may take. */
export class Arrivals {
  /** Who has not sent a complete message yet, in the order of opening. */
  readonly #silent = new Set<Connection>();
  /** Who has not registered yet, in the order of opening. */
  readonly #unregistered = new Set<Connection>();

  /** A connection, later than all before. */
  opened(connection: Connection): void {
    this.#silent.add(connection);
    this.#unregistered.add(connection);
  }

  /** It has sent a complete message. */
  spoke(connection: Connection): void {
    this.#silent.delete(connection);
  }

  /** It is in the room, or over. */
  done(connection: Connection): void {
    this.#silent.delete(connection);
    this.#unregistered.delete(connection);
  }

  /** When the first of them has waited too long. */
  nextTimeout(): number | undefined {
    const [silent] = this.#silent;
    const [unregistered] = this.#unregistered;
    return earliest([
      silent && silent.openedAt + FIRST_MESSAGE_MS,
      unregistered && unregistered.openedAt + REGISTRATION_MS,
    ]);
  }

  /** Who has waited too long, with what to tell them; each has to be {@linkcode done} with. */
  *idle(now: number): Generator<[Connection, string]> {
    for (const connection of this.#silent) {
      if (connection.openedAt + FIRST_MESSAGE_MS > now) break;
      yield [connection, "no complete message in time"];
    }
    for (const connection of this.#unregistered) {
      if (connection.openedAt + REGISTRATION_MS > now) break;
      yield [connection, "not registered in time"];
    }
  }
}
