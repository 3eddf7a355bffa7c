import type { Store } from "../store/store.ts";

/** A store that other programs may write to while we run. */
export interface SharedStore extends Store {
  /** Keeps `value` unless there is one by then. A store of our own does not need it. */
  add?(key: string, value: string): void;
}

/** Keeps `value` under a key that held nothing when it was read: something may be there behind a lock. */
export function addTo(store: SharedStore, key: string, value: string): void {
  if (store.add) store.add(key, value);
  else store.set(key, value);
}

/** A stored JSON object of version 1; `undefined` for anything else. */
export function parseStored(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  return fields.v === 1 ? fields : undefined;
}
