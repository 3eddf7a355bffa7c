import type { Dice } from "../support/dice.ts";
import { Pulse } from "../support/pulse.ts";
import {
  CapableParticipant,
  type Participant,
  PlainParticipant,
  ProductParticipant,
  type Room,
} from "./participants.ts";
import { Complaints, RoomTruth, visitorName } from "./truth.ts";

/** One participant says no more while so many of its own are without an answer: it may be stalled. */
const MAX_PENDING = 4;
/** The registry keeps 4,096 broadcasts: nobody falls further behind than this. */
const IN_RING = 3_000;
/** Longest wait for one thing, in milliseconds: a client of the product comes back after up to 30 s. */
const PATIENCE_MS = 40_000;

/** Who is in the room, and how fast they may talk. */
export interface CrowdOptions {
  /**
   * While one of them has this many broadcasts still to read, nobody says anything; `Infinity` where some will be
   * missing for ever.
   * @default {3000}
   */
  readonly maxBehind?: number;
  /** Called while they wait for somebody to catch up, which a stall may keep from that. */
  readonly heldUp?: () => void;
}

/** Everybody in the room, and what they are said to say. */
export class Crowd implements AsyncDisposable {
  readonly room: Room;
  readonly #maxBehind: number;
  readonly #heldUp: () => void;
  readonly #all: Participant[] = [];
  #visits: Promise<unknown> = Promise.resolve();
  #visitors = 0;
  #said = 0;

  constructor({ maxBehind = IN_RING, heldUp = () => {} }: CrowdOptions = {}) {
    const truth = new RoomTruth(new Complaints());
    this.room = { truth, pulse: new Pulse() };
    this.#maxBehind = maxBehind;
    this.#heldUp = heldUp;
  }

  /** The independent clients. */
  get capable(): readonly CapableParticipant[] {
    return this.#all.filter((one) => one instanceof CapableParticipant);
  }

  /** The product's own clients. */
  get product(): readonly ProductParticipant[] {
    return this.#all.filter((one) => one instanceof ProductParticipant);
  }

  /** Clients without keys. */
  get plain(): readonly PlainParticipant[] {
    return this.#all.filter((one) => one instanceof PlainParticipant);
  }

  /** All of them. */
  get everybody(): readonly Participant[] {
    return this.#all;
  }

  /** All but `one`. */
  others(one: Participant): readonly Participant[] {
    return this.#all.filter((other) => other !== one);
  }

  /** Broadcasts that they were made to say. */
  get said(): number {
    return this.#said;
  }

  /** Sessions that went on after a lost connection, as their clients count them. */
  get resumes(): number {
    return sum(this.capable.map(({ client }) => client.comebacks.resumed)) +
      sum(this.product.map((one) => one.count("resumed")));
  }

  /** `count` of them, called `kind` and a number, on `port`. */
  async join(kind: "capable" | "product", count: number, port: number): Promise<void> {
    const Kind = kind === "capable" ? CapableParticipant : ProductParticipant;
    const first = this.#all.length;
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        this.#all.push(await Kind.join(this.room, port, `${kind}${first + i}`));
      }),
    );
  }

  /** A plain one of each dialect. */
  async joinPlain(port: number): Promise<void> {
    for (const dialect of ["framed", "classic"] as const) {
      this.#all.push(await PlainParticipant.join(port, dialect, dialect));
    }
  }

  /** One of those who are not waiting for the registry says its next message; waits until there is one. */
  async say(dice: Dice): Promise<void> {
    const talkers = [...this.capable, ...this.product];
    const free = (): Participant[] => talkers.filter(({ pending }) => pending < MAX_PENDING);
    const inReach = (): boolean => {
      if (this.#behind() < this.#maxBehind) return true;
      this.#heldUp();
      return false;
    };
    await this.until("somebody free", () => free().length > 0 && inReach());
    const chosen = dice.below(50) === 0 ? this.plain : free();
    if (chosen.length > 0) dice.pick(chosen).say();
    else free()[0]?.say();
    this.#said++;
  }

  /** Somebody else comes, says something, and goes: no faults happen to its connection. */
  visit(port: number): void {
    const name = visitorName(++this.#visitors);
    const visit = async (): Promise<void> => {
      await using visitor = await CapableParticipant.join(this.room, port, name);
      visitor.say();
      this.#said++;
      await this.until("an answer for a visitor", () => visitor.pending === 0);
      await visitor.quit();
    };
    this.#visits = Promise.all([this.#visits, visit()]);
    // Whoever waits for the answers is told.
    this.#visits.catch(() => {});
  }

  /** Resolves when everything has its answer, and visitors have left. */
  async answered(): Promise<void> {
    await this.#visits;
    await this.until("all answered", () => this.#all.every(({ pending }) => pending === 0));
  }

  /** Resolves when everybody has read what everybody said. */
  heardAll(): Promise<void> {
    return this.until("all heard", () => this.#behind() === 0);
  }

  /** Waits with a bound, in milliseconds; what fails tells where everybody stands. */
  until(what: string, holds: () => boolean, patience = PATIENCE_MS): Promise<void> {
    const state = (): string => {
      const lines = this.#all.map((one) =>
        `${one.name}: ${one.heard} heard, ${one.said} said, ${one.pending} of them pending, ` +
        `sees ${one.others} in ${one.epoch}`
      );
      return `${what} at ${this.#said}; ${this.room.truth.complaints}\n  ${lines.join("\n  ")}`;
    };
    const { complaints } = this.room.truth;
    return this.room.pulse.until(
      () => {
        if (complaints.count > 0) throw new Error(`${complaints}`);
        return holds();
      },
      state,
      patience,
    );
  }

  /** Complains where a sequence of broadcasts is none that the registry had. */
  checkOrders(): void {
    for (const { name, texts } of [...this.product, ...this.plain]) {
      this.room.truth.checkOrder(name, texts);
    }
  }

  /** Every other one leaves; those who stay vanish when this is disposed of. */
  async quitSome(): Promise<void> {
    await Promise.all(this.#all.filter((_, i) => i % 2 === 0).map((one) => one.quit()));
  }

  /** All leave. */
  async quit(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((one) => one.quit()));
  }

  /** All end, in whatever way. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Each has a bound, and what went wrong with one has been told.
    await this.#visits.catch(() => {});
    await Promise.all(this.#all.splice(0).map((one) => one[Symbol.asyncDispose]()));
  }

  #behind(): number {
    return this.#said - Math.min(...this.#all.map(({ heard, said }) => heard + said));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
