/**
 * A program that wants the keys of users, all at once: tells each, and whether it is kept, after
 * some input.
 */
import { loadIdentity } from "../../lib/store/identities.ts";
import { LocalStore } from "../../lib/store/local_store.ts";

const onError = (message: string): void => console.error(message);
console.log("ready");
await Deno.stdin.read(new Uint8Array(1));
const store = new LocalStore("default", onError);
const identities = await Promise.all(
  Deno.args.map((username) => loadIdentity(store, username, { onError })),
);
await store.settled();
console.log(identities.map(({ publicKey, kept }) => `${publicKey} ${kept}`).join("\n"));
