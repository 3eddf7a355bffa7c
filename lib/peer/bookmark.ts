import type { Gap, Resume, Welcome } from "../protocol/delivery.ts";
import { badMessage } from "../protocol/fields.ts";
import type { OwnAddress } from "./self.ts";

/** Broadcasts that we have not got. */
export interface Missed {
  /** How many; `null` if nobody can know. */
  readonly missed: number | null;
  /** The run of the registry that we are in now. */
  readonly epoch: string;
}

/** How far we have read what the registry tells, and what it takes to go on from there: `docs/PROTOCOL.md` 10.7. */
export class Bookmark {
  #token: string | undefined;
  /** Of the registry that gave the token: no other gets it. */
  #registryKey = "";
  #epoch: string | undefined;
  #number = 0;
  #presence = 0;
  /** The room's when this connection was let in: that of a whole roster. */
  #presenceThen = 0;

  /** What to ask of a registry on a new connection; `undefined` if there is no session to go on with. */
  resume(own: OwnAddress, registryKey: string): Resume | undefined {
    if (this.#token === undefined || this.#epoch === undefined) return undefined;
    if (registryKey !== this.#registryKey) return undefined;
    const [token, epoch] = [this.#token, this.#epoch];
    return { verb: "RESUME", token, epoch, number: this.#number, presence: this.#presence, ...own };
  }

  /** There is no session to go on with any more. */
  forgetSession(): void {
    this.#token = undefined;
  }

  /** We are in by REGISTER; returns what was missed since we were here before, messages of our own included. */
  registered(welcome: Welcome, registryKey: string): Missed | undefined {
    const { epoch, number, presence, token } = welcome;
    const before = this.#epoch === undefined
      ? undefined
      : { epoch: this.#epoch, number: this.#number };
    this.#token = token;
    this.#registryKey = registryKey;
    this.#epoch = epoch;
    this.#number = number;
    this.#presence = this.#presenceThen = presence;
    if (!before || (before.epoch === epoch && before.number === number)) return undefined;
    // One that has numbers behind those it told has forgotten them: as good as another run.
    const goesOn = before.epoch === epoch && before.number < number;
    return { missed: goesOn ? number - before.number : null, epoch };
  }

  /**
   * We are in by RESUME. What was missed is yet to come, so our place stays where it is.
   *
   * @throws {ProtocolError} `bad-message` if it is not the registry's run that we were in
   */
  resumed({ epoch, number, presence, token }: Welcome): void {
    if (epoch !== this.#epoch || number < this.#number) throw badMessage("another run than ours");
    this.#token = token;
    this.#presenceThen = presence;
  }

  /**
   * A broadcast has come in its place: somebody else's, or the acknowledgement of our own. Returns how many before it
   * are missing; `undefined` if we were past it.
   *
   * @throws {ProtocolError} `bad-message` if it is of another run of the registry
   */
  passed(epoch: string, number: number): number | undefined {
    if (epoch !== this.#epoch) throw badMessage("a message of another run");
    if (number <= this.#number) return undefined;
    const missing = number - this.#number - 1;
    this.#number = number;
    return missing;
  }

  /** The registry has not kept what follows; returns how much of it is others' and lost. */
  gap({ missed, number }: Gap): number {
    const passed = Math.max(0, number - this.#number);
    this.#number += passed;
    return Math.min(missed, passed);
  }

  /** Somebody came or left, under this number. */
  noticed(presence: number): void {
    this.#presence = Math.max(this.#presence, presence);
  }

  /** A whole roster is here. */
  rosterRead(): void {
    this.noticed(this.#presenceThen);
  }

  /** The run of the registry that we are in. */
  get epoch(): string {
    return this.#epoch ?? "";
  }
}
