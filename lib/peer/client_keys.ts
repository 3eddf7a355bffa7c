import { type Identity, identityOf, newSeed } from "../crypto/identity.ts";
import { checkName } from "../protocol/name.ts";
import { loadIdentity } from "../store/identities.ts";
import { LocalStore } from "../store/local_store.ts";
import { MemoryStore, type Store } from "../store/store.ts";

/** Whose keys to use. */
export interface KeyOptions {
  /** 1 to 32 characters; `docs/PROTOCOL.md` section 3. */
  readonly username: string;
  /**
   * Keeps the key of this name, and what is learnt of others' keys, for the next time: 1 to 32 letters,
   * digits, `-` and `_`. Profiles know nothing of each other. Left out, nothing is kept.
   */
  readonly profile?: string;
  /** Opens the kept key, and seals one that is not sealed; not empty. */
  readonly passphrase?: string;
}

/** Our own key, and what is remembered of others'. */
export interface ClientKeys {
  /** Who we are. */
  readonly identity: Identity;
  /** What is remembered of others, and of registries. */
  readonly store: Store;
  /** Tells from now on what is wrong with the store, for people; also what was wrong before. */
  onProblem(tell: (message: string) => void): void;
  /** Resolves when all that was learnt is stored. */
  settled(): Promise<void>;
}

/** A key for this run only, and nothing remembered. */
export function newKeys(): ClientKeys {
  return {
    identity: identityOf(newSeed(), false),
    store: new MemoryStore(),
    onProblem: () => {},
    settled: () => Promise.resolve(),
  };
}

/**
 * Opens the keys of a profile, making our own on first use.
 *
 * @throws {ProtocolError} `bad-name`
 * @throws {IdentityError} `sealed` or `bad-passphrase`
 */
export async function openKeys(options: KeyOptions): Promise<ClientKeys> {
  const { username, profile, passphrase } = options;
  checkName(username);
  if (profile === undefined) return newKeys();
  const problems: string[] = [];
  let tell = (message: string): void => void problems.push(message);
  const onProblem = (next: (message: string) => void): void => {
    tell = next;
    for (const message of problems.splice(0)) next(message);
  };
  const onError = (message: string): void => tell(message);
  const store = new LocalStore(profile, onError);
  const identity = await loadIdentity(store, username, { passphrase, onError });
  return { identity, store, onProblem, settled: () => store.settled() };
}
