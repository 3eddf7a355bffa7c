/** `NAME [PASSPHRASE]`: does with keys what a first start of the client does, and tells the public key. */
import { loadIdentity } from "../../lib/store/identities.ts";
import { LocalStore } from "../../lib/store/local_store.ts";

const [username = "", passphrase] = Deno.args;
const onError = (message: string): void => console.error(message);
const store = new LocalStore("default", onError);
const { publicKey } = await loadIdentity(store, username, { passphrase, onError });
await store.settled();
console.log(publicKey);
