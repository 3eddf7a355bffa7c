/** What is remembered of keys where the store fails, or the registry lies. */
import { MemoryStore, type Store } from "../../lib/store/store.ts";
import { RegistryPin } from "../../lib/store/registry_pin.ts";
import { TrustBook } from "../../lib/store/trust_book.ts";
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { assertEquals } from "../support/assert.ts";

const REGISTRY = "a".repeat(64);
const [KEY, OTHER] = ["1".repeat(64), "2".repeat(64)];

/** A store of which nothing can be read while `locked`. */
class LockedStore extends MemoryStore {
  locked = false;

  override get(key: string): string | undefined {
    return this.locked ? undefined : super.get(key);
  }

  override has(key: string): boolean | undefined {
    return this.locked ? undefined : super.has(key);
  }

  override keys(prefix: string): string[] {
    return this.locked ? [] : super.keys(prefix);
  }
}

function bob(publicKey = KEY, kept = true): KeyedUser {
  return { username: "bob", ip: "192.0.2.7", udpPort: 1, session: "", key: { publicKey, kept } };
}

function entered(store: Store): TrustBook {
  const book = new TrustBook(store);
  book.enter(REGISTRY);
  return book;
}

Deno.test("trust: what is locked away is not taken for nothing", () => {
  const store = new LockedStore();
  const book = entered(store);
  book.verify(bob());
  assertEquals(book.of(bob()), "verified");
  store.locked = true;
  const blind = new TrustBook(store);
  store.locked = false;
  blind.enter(REGISTRY);
  store.locked = true;
  assertEquals([blind.of(bob(OTHER)), blind.see(bob(OTHER))], ["changed", "changed"]);
  store.locked = false;
  assertEquals([blind.of(bob(OTHER)), blind.of(bob())], ["changed", "verified"]);
});

Deno.test("trust: without a store to speak of we go on, and write nothing over", () => {
  const store = new LockedStore();
  entered(store).verify(bob());
  store.locked = true;
  const book = entered(store);
  assertEquals(book.see(bob(OTHER)), "new");
  book.meet(bob(OTHER));
  assertEquals(book.of(bob(OTHER)), "known", "in this run");
  store.locked = false;
  assertEquals(entered(store).of(bob()), "verified");
});

Deno.test("registry pin: one that cannot be read is not written over", () => {
  const store = new LockedStore();
  assertEquals(new RegistryPin(store, "host", 1, false).accepts(KEY, true), true);
  store.locked = true;
  assertEquals(new RegistryPin(store, "host", 1, false).accepts(OTHER, true), true);
  store.locked = false;
  assertEquals(new RegistryPin(store, "host", 1, false).accepts(OTHER, true), false);
  assertEquals(new RegistryPin(store, "host", 1, false).accepts(KEY, true), true);
});

Deno.test("trust: a guest's key is for this run, over what is stored; a verified one is kept", () => {
  const store = new MemoryStore();
  const book = entered(store);
  book.meet(bob());
  book.trust(bob(OTHER, false));
  assertEquals([book.of(bob(OTHER, false)), entered(store).of(bob())], ["known", "known"]);
  book.verify(bob(OTHER, false));
  assertEquals([entered(store).of(bob()), entered(store).of(bob(OTHER))], ["changed", "verified"]);
});

Deno.test("trust: a block is of the name and of its key, and is lifted by either", () => {
  const book = entered(new MemoryStore());
  book.block("bob", KEY);
  assertEquals([book.isBlocked("Bob~2"), book.isBlocked("rob", KEY)], [true, true]);
  assertEquals(book.isBlocked("rob", OTHER), false);
  assertEquals([book.unblock("rob", KEY), book.unblock("bob")], [true, false]);
  assertEquals(book.isBlocked("bob", KEY), false);
});
