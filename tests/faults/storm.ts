import type { Dice } from "../support/dice.ts";
import type { Passage, Way } from "../support/fault_proxy.ts";

/** What breaks a connection. */
const CUTS = ["close", "reset", "end up", "end down"] as const;
/** What a connection lives through. */
const DISTURBANCES = ["stall up", "stall down", "stall", "dribble up", "dribble down"] as const;

type Cut = typeof CUTS[number];
type Disturbance = typeof DISTURBANCES[number];

/** Bytes until a fault comes: from none, through the middle of a frame, to a few messages on. */
const MAX_DELAY_BYTES = 600;
/** One of so many cuts is followed by one on the next new connection: while it introduces itself or catches up. */
const RELAPSE = 4;
/** A stall ends after so many more broadcasts at most. */
const MAX_STALL_BROADCASTS = 200;

/** Faults at random moments on connections picked at random, told by dice. */
export class Storm {
  readonly #dice: Dice;
  readonly #passages = new Set<Passage>();
  /** A cut is coming for these. */
  readonly #doomed = new WeakSet<Passage>();
  readonly #stalled = new Map<Passage, number>();
  /** Cuts still to be made, and on which of the broadcasts still to come. */
  #cutsLeft = 0;
  #broadcastsLeft = 0;
  /** New connections that are cut before they have got far. */
  #relapses = 0;
  /** How often each fault hit a connection that was whole. */
  readonly tally: Record<Cut | Disturbance, number> = {
    "close": 0,
    "reset": 0,
    "end up": 0,
    "end down": 0,
    "stall up": 0,
    "stall down": 0,
    "stall": 0,
    "dribble up": 0,
    "dribble down": 0,
  };

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Connections broken so far. */
  get cuts(): number {
    return CUTS.reduce((sum, kind) => sum + this.tally[kind], 0);
  }

  /** There is a new connection, which may not live for long. */
  opened(passage: Passage): void {
    this.#passages.add(passage);
    passage.over.then(() => this.#passages.delete(passage));
    if (this.#relapses === 0) return;
    this.#relapses--;
    this.#cutsLeft--;
    // Not before it is one.
    this.#doom(passage, 1 + this.#dice.below(MAX_DELAY_BYTES));
  }

  /** From now on: so many cuts in the course of so many broadcasts. */
  begin(cuts: number, broadcasts: number): void {
    this.#cutsLeft = cuts;
    this.#broadcastsLeft = broadcasts;
  }

  /** A broadcast is about to be said: the storm's clock. */
  blow(): void {
    for (const [passage, broadcasts] of this.#stalled) {
      if (broadcasts > 0) this.#stalled.set(passage, broadcasts - 1);
      else this.#release(passage);
    }
    const cuts = Math.max(0, this.#cutsLeft - this.#relapses);
    const chance = Math.max(1, this.#broadcastsLeft--);
    if (this.#dice.below(chance) < cuts) this.#cut();
    if (this.#dice.below(chance) < cuts / 4) this.#disturb();
  }

  /** All stalls end. */
  relent(): void {
    for (const passage of this.#stalled.keys()) this.#release(passage);
  }

  /** No more faults: stalls end, and what was planned is not done. */
  calm(): void {
    this.#cutsLeft = 0;
    this.#relapses = 0;
    this.relent();
    for (const passage of this.#passages) {
      for (const way of ["up", "down"] as const) passage.after(way, Infinity, () => {});
    }
  }

  #release(passage: Passage): void {
    this.#stalled.delete(passage);
    passage.release();
  }

  #cut(): void {
    const passage = this.#pick();
    if (!passage) return;
    this.#cutsLeft--;
    this.#doom(passage, this.#dice.below(2) === 0 ? 0 : this.#dice.below(MAX_DELAY_BYTES));
    if (this.#cutsLeft > this.#relapses && this.#dice.below(RELAPSE) === 0) this.#relapses++;
  }

  #doom(passage: Passage, delay: number): void {
    this.#doomed.add(passage);
    const kind = this.#dice.pick(CUTS);
    // More comes down than goes up: there it does not take long.
    const way = this.#dice.below(4) === 0 ? "up" : "down";
    passage.after(way, delay, () => {
      if (!passage.whole) return;
      this.tally[kind]++;
      if (kind === "close") passage.close();
      else if (kind === "reset") passage.reset();
      else passage.end(kind === "end up" ? "up" : "down");
    });
  }

  #disturb(): void {
    const passage = this.#pick();
    if (!passage) return;
    const kind = this.#dice.pick(DISTURBANCES);
    this.tally[kind]++;
    const ways: readonly Way[] = kind.endsWith("up")
      ? ["up"]
      : kind.endsWith("down")
      ? ["down"]
      : ["up", "down"];
    if (kind.startsWith("dribble")) {
      for (const way of ways) passage.dribble(way, 1 + this.#dice.below(9), 2_000);
      return;
    }
    for (const way of ways) passage.stall(way);
    this.#stalled.set(passage, this.#dice.below(MAX_STALL_BROADCASTS));
  }

  /** One that is whole and has no fault yet. */
  #pick(): Passage | undefined {
    const passages = [...this.#passages].filter((passage) =>
      passage.whole && !this.#doomed.has(passage) && !this.#stalled.has(passage)
    );
    return passages.length > 0 ? this.#dice.pick(passages) : undefined;
  }
}
