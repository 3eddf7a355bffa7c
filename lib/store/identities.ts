/**
 * The keys of a user, one for each name and profile, under `identity/<name key>`:
 *
 *     {"v":1,"seed":"<64 hexadecimal digits>"}
 *     {"v":1,"sealed":"confab-key-1:..."}
 *
 * With `"new":true` while programs that start for the first time at once may still settle on one.
 *
 * @module
 */
import { type Identity, IDENTITY_KEY_BYTES, identityOf, newSeed } from "../crypto/identity.ts";
import { isSealedKey, openKey, SealedKeyError, sealKey } from "../crypto/sealed_key.ts";
import { nameKey } from "../protocol/name.ts";
import { parseStored, type Store } from "./store.ts";

/**
 * How long a new key waits for those of other programs, in milliseconds. It must be longer than any
 * of them takes from finding no key to having written its own: microseconds, where nothing comes
 * between.
 */
const SETTLE_MS = 100;

const SEED = new RegExp(`^[0-9a-f]{${2 * IDENTITY_KEY_BYTES}}$`);

/** Why there is no key to be had. */
export type IdentityErrorCode =
  | "sealed"
  | "bad-passphrase"
  | "none"
  | "exists"
  | "damaged"
  | "not-stored";

/** There is no key to be had, or it cannot be kept; the message is for people. */
export class IdentityError extends Error {
  /** The class, for messages. */
  override readonly name = "IdentityError";
  /** Why, for programs. */
  readonly code: IdentityErrorCode;

  /** A reason, and what to tell people. */
  constructor(code: IdentityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A store; where several programs share it, with what it takes to agree on one key. */
export interface IdentityStore extends Store {
  /** Resolves when no write waits any more. */
  settled?(): Promise<void>;
}

/** How to come by a key. */
export interface LoadOptions {
  /** Opens a sealed key, and seals one that is not; not empty. */
  readonly passphrase?: string | undefined;
  /** Told, in one sentence for people, of a stored value that cannot be used. */
  readonly onError: (message: string) => void;
  /**
   * Waits, in milliseconds.
   *
   * @default {a timer}
   */
  readonly settle?: (ms: number) => Promise<void>;
}

/** A stored value: exactly one of `seed` and `sealed`. */
interface StoredKey {
  readonly seed?: Uint8Array;
  readonly sealed?: string;
  readonly isNew: boolean;
}

/**
 * The key of `username`, made on first use. Programs that do so at once end up with the same one.
 *
 * A value that cannot be used is left as it is; then, and where nothing can be stored, the key is
 * one for this run only.
 *
 * @throws {IdentityError} `sealed` or `bad-passphrase`
 */
export async function loadIdentity(
  store: IdentityStore,
  username: string,
  options: LoadOptions,
): Promise<Identity> {
  const { passphrase, onError, settle = pause } = options;
  const key = storageKey(username);
  const mine = newSeed();
  let text = store.get(key);
  if (text === undefined) {
    const value: StoredKey = passphrase === undefined
      ? { seed: mine, isNew: true }
      : { sealed: sealKey(mine, username, passphrase), isNew: true };
    // What is there by now stays: reading may have failed before, and sealing takes a while.
    store.add(key, format(value));
    await store.settled?.();
  }
  // The last one to have found nothing has written: what is there after the wait stays. This holds
  // for somebody else's new key, too.
  if (text === undefined || parse(text)?.isNew) {
    await settle(SETTLE_MS);
    text = store.get(key) ?? text;
  }
  if (text === undefined) return identityOf(mine, false);
  const stored = parse(text);
  const seed = stored && open(stored, username, passphrase);
  if (!seed) {
    onError(`${damaged(username)}; another key is used in this run`);
    return identityOf(mine, false);
  }
  if (passphrase !== undefined && stored.seed) {
    store.set(key, format({ sealed: sealKey(seed, username, passphrase), isNew: false }));
  } else if (stored.isNew) {
    store.set(key, format({ ...stored, isNew: false }));
  }
  return identityOf(seed, true);
}

/** What is stored for a name. */
export function storedForm(
  store: Store,
  username: string,
): "none" | "open" | "sealed" | "damaged" {
  const text = store.get(storageKey(username));
  if (text === undefined) return "none";
  const stored = parse(text);
  if (!stored) return "damaged";
  return stored.seed ? "open" : "sealed";
}

/**
 * The key of `username`, sealed to be taken elsewhere.
 *
 * @param passphrase the one that seals the stored key; any, if none does
 * @returns one line, and the public key
 * @throws {IdentityError} `none`, `damaged` or `bad-passphrase`
 */
export function exportIdentity(
  store: Store,
  username: string,
  passphrase: string,
): { sealed: string; publicKey: string } {
  const text = store.get(storageKey(username));
  if (text === undefined) throw new IdentityError("none", `there is no key of ${username} here`);
  const stored = parse(text);
  const seed = stored && open(stored, username, passphrase);
  if (!seed) throw new IdentityError("damaged", damaged(username));
  const sealed = stored.sealed ?? sealKey(seed, username, passphrase);
  return { sealed, publicKey: identityOf(seed, true).publicKey };
}

/** What to do with a key that comes from elsewhere. */
export interface ImportOptions {
  /** Whether it may take the place of another key of that name. */
  readonly replace: boolean;
  /** Whether it is stored as it came, to be opened with its passphrase each time. */
  readonly keepSealed: boolean;
}

/**
 * Stores what {@linkcode exportIdentity} gave.
 *
 * @returns whose key it is, and the public key
 * @throws {SealedKeyError}
 * @throws {IdentityError} `exists` or `damaged` if something else is stored for that name,
 * `not-stored`
 */
export async function importIdentity(
  store: IdentityStore,
  sealed: string,
  passphrase: string,
  { replace, keepSealed }: ImportOptions,
): Promise<{ username: string; publicKey: string }> {
  const { username, seed } = openKey(sealed, passphrase);
  const imported = { username, publicKey: identityOf(seed, true).publicKey };
  const key = storageKey(username);
  const value = format(keepSealed ? { sealed, isNew: false } : { seed, isNew: false });
  const present = store.get(key);
  const same = present !== undefined && holds(present, seed, username, passphrase);
  if (present !== undefined && !same && !replace) throw notReplaced(present, username);
  // A key that was sealed here does not lie open because it came once more.
  if (same && !keepSealed) return imported;
  // Where nothing was read, something may be there all the same: another program's, or behind a
  // lock.
  if (present === undefined && !replace) store.add(key, value);
  else store.set(key, value);
  await store.settled?.();
  const after = store.get(key);
  if (after === value) return imported;
  if (after === undefined || replace || same) {
    throw new IdentityError("not-stored", `the key of ${username} could not be stored`);
  }
  throw notReplaced(after, username);
}

function storageKey(username: string): string {
  return `identity/${nameKey(username)}`;
}

/**
 * The private key of a stored value; `undefined` if it is somebody else's.
 *
 * @throws {IdentityError} `sealed` or `bad-passphrase`
 */
function open(
  { seed, sealed }: StoredKey,
  username: string,
  passphrase: string | undefined,
): Uint8Array | undefined {
  if (seed || sealed === undefined) return seed;
  if (passphrase === undefined) {
    throw new IdentityError(
      "sealed",
      `the key of ${username} is sealed with a passphrase: start with --passphrase`,
    );
  }
  try {
    const opened = openKey(sealed, passphrase);
    return nameKey(opened.username) === nameKey(username) ? opened.seed : undefined;
  } catch (cause) {
    if (!(cause instanceof SealedKeyError)) throw cause;
    throw new IdentityError("bad-passphrase", cause.message, { cause });
  }
}

/** Whether a stored value is that very key, as far as this passphrase can tell. */
function holds(text: string, seed: Uint8Array, username: string, passphrase: string): boolean {
  const stored = parse(text);
  if (!stored) return false;
  try {
    return open(stored, username, passphrase)?.toHex() === seed.toHex();
  } catch (error) {
    if (error instanceof IdentityError) return false;
    throw error;
  }
}

function notReplaced(present: string, username: string): IdentityError {
  return parse(present)
    ? new IdentityError(
      "exists",
      `there already is another key for ${username} here; --replace overwrites it for good (export it first)`,
    )
    : new IdentityError("damaged", `${damaged(username)}; --replace overwrites it`);
}

function damaged(username: string): string {
  return `what is stored as the key of ${username} is damaged, or of another version`;
}

function format({ seed, sealed, isNew }: StoredKey): string {
  return JSON.stringify({
    v: 1,
    ...(seed ? { seed: seed.toHex() } : { sealed }),
    ...(isNew && { new: true }),
  });
}

/** `undefined` for anything that {@linkcode format} has not made. */
function parse(text: string): StoredKey | undefined {
  const { seed, sealed, new: isNew = false } = parseStored(text) ?? {};
  if (typeof isNew !== "boolean") return undefined;
  if (typeof seed === "string" && SEED.test(seed) && sealed === undefined) {
    return { seed: Uint8Array.fromHex(seed), isNew };
  }
  if (isSealedKey(sealed) && seed === undefined) return { sealed, isNew };
  return undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
