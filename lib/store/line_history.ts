import { parseStored, type Store } from "./store.ts";

const KEY = "history/lines";
/** Lines that are kept, the newest of all: as much as shells keep by default. */
export const MAX_LINES = 500;
/** UTF-16 units of all kept lines together: a hundredth of what the store holds, and written at each line. */
export const MAX_LENGTH = 65_536;

/** Lines that were typed, the newest last; those that are not private are there the next time, too. */
export class LineHistory {
  readonly #store: Store;
  readonly #keepPrivate: boolean;
  #lines: readonly string[] | undefined;

  /** @param keepPrivate whether to store private lines, too */
  constructor(store: Store, keepPrivate: boolean) {
    this.#store = store;
    this.#keepPrivate = keepPrivate;
  }

  /** All of them, also private ones of this run. */
  get lines(): readonly string[] {
    return this.#lines ??= this.#stored();
  }

  /** Adds a line, unless it is the last one again. */
  add(line: string, isPrivate: boolean): void {
    this.#lines = bounded(this.lines, line);
    if (isPrivate && !this.#keepPrivate) return;
    // Read anew: another program of this profile may have added some.
    const lines = bounded(this.#stored(), line);
    this.#store.set(KEY, JSON.stringify({ v: 1, lines }));
  }

  #stored(): readonly string[] {
    const text = this.#store.get(KEY);
    const lines = text === undefined ? undefined : parseStored(text)?.["lines"];
    if (!Array.isArray(lines) || !lines.every((line) => typeof line === "string")) return [];
    return withinBounds(lines);
  }
}

function bounded(lines: readonly string[], line: string): readonly string[] {
  return lines.at(-1) === line ? lines : withinBounds([...lines, line]);
}

function withinBounds(lines: readonly string[]): readonly string[] {
  let first = lines.length;
  for (let room = MAX_LENGTH; first > 0 && lines.length - first < MAX_LINES; first--) {
    room -= lines[first - 1]?.length ?? 0;
    if (room < 0) break;
  }
  return lines.slice(first);
}
