import type { DeliveryWitness, Said } from "../support/delivery_witness.ts";
import type { Pulse } from "../support/pulse.ts";
import { isVisitor, readText, type RoomTruth } from "./truth.ts";

/** Whether a message of `name` is the next one of it, or a later one. */
export class Sequences {
  readonly #last = new Map<string, number>();

  /**
   * How many were passed over before this one, none before the first that is heard at all; below 0 if it, or a later
   * one, was there before.
   */
  skipped(name: string, nth: number): number {
    const last = this.#last.get(name) ?? nth - 1;
    if (nth > last) this.#last.set(name, nth);
    return nth - last - 1;
  }
}

/**
 * Keeps count of what one capable client reads, and complains of what section 10 of `docs/PROTOCOL.md` rules out:
 * within an epoch it has to get each number once and in order, its own as acknowledgements.
 */
export class CapableLedger implements DeliveryWitness {
  readonly #name: string;
  readonly #truth: RoomTruth;
  readonly #pulse: Pulse;
  /** The highest count by sender and run. */
  readonly #runs = new Map<string, number>();
  readonly #senders = new Sequences();
  #here = new Set<string>();
  epoch = "";
  /** The number up to which it has everything. */
  position = 0;
  /** Broadcasts of others, without repeats. */
  heard = 0;
  /** Repeats that it has removed. */
  repeats = 0;
  /** Broadcasts that it was told to have missed. */
  missed = 0;
  /** How often the epoch was another than before. */
  restarts = 0;
  /** Acknowledgements whose number was ahead of the stream. */
  early = 0;
  /** Errors that it has been told, and what is as odd. */
  readonly odds: string[] = [];
  /** Which of these are to be expected. */
  expected: RegExp | undefined;

  constructor(name: string, truth: RoomTruth, pulse: Pulse) {
    this.#name = name;
    this.#truth = truth;
    this.#pulse = pulse;
  }

  welcomed({ epoch, number, resumed }: { epoch: string; number: number; resumed: boolean }): void {
    if (resumed && epoch !== this.epoch) this.#complain(`resumed in ${epoch}`);
    if (resumed && number < this.position) this.#complain(`welcomed at ${number}`);
    if (!resumed) {
      if (this.epoch === epoch) this.#complain("had to register again in the same epoch");
      if (this.epoch !== "") this.restarts++;
      this.epoch = epoch;
      this.position = number;
    }
    this.#pulse.beat();
  }

  said({ epoch, number, name, id, text }: Said): void {
    this.#truth.numbered(epoch, number, text);
    if (!this.#here.has(name)) this.#complain(`reads ${text} of somebody who is not here`);
    if (epoch !== this.epoch) this.#complain(`reads ${text} of ${epoch}`);
    if (number <= this.position) this.#complain(`doubled: reads ${number} again, ${text}`);
    if (number > this.position + 1) this.#complain(`lost: reads ${number}`);
    this.position = Math.max(this.position, number);
    if (this.#isNew(name, id)) this.#count(name, text);
    else this.repeats++;
    this.#pulse.beat();
  }

  acknowledged(
    { epoch, number, text }: { epoch: string; number: number; text: string | undefined },
  ): void {
    if (epoch !== this.epoch) this.#complain(`is acknowledged ${number} of ${epoch}`);
    if (number > 0 && text !== undefined) this.#truth.numbered(epoch, number, text);
    if (number > this.position + 1) this.early++;
    if (number === this.position + 1) this.position = number;
    this.#pulse.beat();
  }

  gap({ missed, number }: { missed: number; number: number }): void {
    this.missed += missed;
    if (number <= this.position) this.#complain(`gap up to ${number}`);
    this.position = number;
    this.#pulse.beat();
  }

  listed(names: readonly string[]): void {
    this.#here = new Set(names);
    this.#pulse.beat();
  }

  presence({ name, here }: { name: string; here: boolean }): void {
    if (here) this.#here.add(name);
    else this.#here.delete(name);
    // Whose REGISTER with a new registry was cut off comes and goes before it is in.
    if (!here && !isVisitor(name) && this.restarts === 0) {
      this.#complain(`is told that ${name} left`);
    }
    this.#pulse.beat();
  }

  odd(line: string): void {
    this.odds.push(line);
    if (!this.expected?.test(line)) this.#complain(`hears ${line}`);
    this.#pulse.beat();
  }

  #isNew(name: string, id: string): boolean {
    const [run, count] = id.split(".");
    if (count === undefined) return true;
    const key = `${name.replace(/~\d+$/, "").toLowerCase()} ${run}`;
    const highest = this.#runs.get(key) ?? 0;
    this.#runs.set(key, Math.max(highest, Number(count)));
    return Number(count) > highest;
  }

  #count(name: string, text: string): void {
    this.heard++;
    const { name: author, nth } = readText(text);
    if (author !== name) this.#complain(`hears ${text} of ${name}`);
    const skipped = this.#senders.skipped(name, nth);
    if (skipped < 0) this.#complain(`doubled: delivers ${text} again`);
    // What was lost with a registry, or has left the ring, was told; a visitor may have been refused.
    const isExcused = this.restarts > 0 || this.missed > 0 || isVisitor(name);
    if (skipped > 0 && !isExcused) {
      this.#complain(`lost: ${skipped} before ${text}`);
    }
  }

  #complain(what: string): void {
    this.#truth.complaints.add(`${this.#name} at ${this.epoch} ${this.position}: ${what}`);
  }
}
