/** Where values are kept from one run to the next: a flat map of strings. */
export interface Store {
  /** The value of `key`; `undefined` if there is none, or it cannot be read. */
  get(key: string): string | undefined;
  /** Whether there is a value; `undefined` if that cannot be told, as nothing can be read. */
  has(key: string): boolean | undefined;
  /** Keeps `value`; what fails is told to whoever made the store, never thrown. */
  set(key: string, value: string): void;
  /** Keeps `value` unless there is one by then, another program's or one that could not be read. */
  add(key: string, value: string): void;
  /** Forgets `key`, if it is there. */
  delete(key: string): void;
  /** Every key that begins with `prefix`. */
  keys(prefix: string): string[];
}

/** A store that lasts as long as the program: `--ephemeral`. */
export class MemoryStore implements Store {
  readonly #values = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean | undefined {
    return this.#values.has(key);
  }

  set(key: string, value: string): void {
    this.#values.set(key, value);
  }

  add(key: string, value: string): void {
    if (!this.#values.has(key)) this.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  keys(prefix: string): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix));
  }
}

/** The fields of a stored JSON object of version 1; `undefined` for anything else. */
export function parseStored(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  return fields["v"] === 1 ? fields : undefined;
}
