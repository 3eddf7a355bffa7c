/**
 * The registry's own key, under `registry/key`: `{"v":1,"seed":"<64 hexadecimal digits>"}`.
 *
 * @module
 */
import { type Identity, identityOf, isPublicKey } from "../crypto/identity.ts";
import { parseStored, type Store } from "../store/store.ts";

const KEY = "registry/key";

/**
 * The stored key, made on first use. Where it is damaged, it is left as it is; then, and where nothing can be
 * stored, the key is `fresh` for this run only, which its clients are told.
 *
 * @param fresh 32 random bytes
 * @param onError told, in one sentence for people, of a stored value that cannot be used
 */
export function loadRegistryKey(
  store: Store,
  fresh: Uint8Array,
  onError: (message: string) => void,
): Identity {
  if (store.get(KEY) === undefined) {
    // Something may be there behind a lock.
    store.add(KEY, JSON.stringify({ v: 1, seed: fresh.toHex() }));
  }
  // What is there by now counts: it may be another program's.
  const text = store.get(KEY);
  if (text === undefined) return identityOf(fresh, false);
  const seed = parseStored(text)?.seed;
  // A private key has the form of a public one.
  if (isPublicKey(seed)) return identityOf(Uint8Array.fromHex(seed), true);
  onError(
    "The registry's stored key is damaged, or of another version; this run has one of its own",
  );
  return identityOf(fresh, false);
}
