/** What the fault suites say: the sender, its how manieth message this is, and so many characters to make it long. */
export function textOf(name: string, nth: number, padding = 0): string {
  return `${name}#${nth}#${".".repeat(padding)}`;
}

/** The reverse of {@linkcode textOf}. */
export function readText(text: string): { name: string; nth: number } {
  const [name = "", nth] = text.split("#");
  return { name, nth: Number(nth) };
}

/** The name of somebody who may come and go; everybody else stays. */
export function visitorName(nth: number | string): string {
  return `visitor${nth}`;
}

/** Whether it is one of those. */
export function isVisitor(name: string): boolean {
  return name.startsWith("visitor");
}

/** What somebody has to say against the registry; the first few in words, all in number. */
export class Complaints {
  readonly #words: string[] = [];
  #count = 0;

  /** How many. */
  get count(): number {
    return this.#count;
  }

  add(text: string): void {
    if (++this.#count <= 20) this.#words.push(text.replaceAll(/\.{3,}/g, "..."));
  }

  toString(): string {
    return `${this.#count} complaints\n  ${this.#words.join("\n  ")}`;
  }
}

/** Which broadcast has which number, as all clients together have seen it. */
export class RoomTruth {
  readonly complaints: Complaints;
  /** Texts by number, by epoch in the order in which these were first seen. */
  readonly #epochs = new Map<string, Map<number, string>>();
  /** Where each text stands: sums that grow with epoch and number. */
  readonly #places = new Map<string, number[]>();

  constructor(complaints: Complaints) {
    this.complaints = complaints;
  }

  /** The epochs so far. */
  get epochs(): readonly string[] {
    return [...this.#epochs.keys()];
  }

  /** Broadcasts that somebody has seen, in all epochs. */
  get size(): number {
    return this.#epochs.values().reduce((sum, texts) => sum + texts.size, 0);
  }

  /** Somebody has seen that `text` has this number. */
  numbered(epoch: string, number: number, text: string): void {
    let texts = this.#epochs.get(epoch);
    if (!texts) this.#epochs.set(epoch, texts = new Map());
    const known = texts.get(number);
    if (known === text) return;
    if (known !== undefined) {
      return this.complaints.add(`${epoch} ${number} is ${known} here and ${text} there`);
    }
    texts.set(number, text);
    const places = this.#places.get(text) ?? [];
    const epochIndex = this.epochs.indexOf(epoch);
    if (places.some((place) => Math.floor(place / EPOCH_STEP) === epochIndex)) {
      this.complaints.add(`doubled: ${text} has two numbers in ${epoch}`);
    }
    places.push(epochIndex * EPOCH_STEP + number);
    this.#places.set(text, places);
  }

  /** Complains unless `texts` are in the order of their numbers. */
  checkOrder(reader: string, texts: readonly string[]): void {
    let last = -1;
    for (const text of texts) {
      const next = this.#places.get(text)?.find((place) => place > last);
      if (next === undefined) this.complaints.add(`out of order: ${reader} reads ${text} late`);
      else last = next;
    }
  }
}

/** More than the broadcasts of one epoch. */
const EPOCH_STEP = 2 ** 32;
