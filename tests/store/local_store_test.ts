import { LocalStore } from "../../lib/store/local_store.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakeStorage } from "./fake_storage.ts";

/** A store over a fake one, and what it has told. */
function storeOver(storage: FakeStorage, profile = "p"): { store: LocalStore; told: string[] } {
  const told: string[] = [];
  return { store: new LocalStore(profile, (message) => told.push(message), () => storage), told };
}

const LOCKED_WRITE =
  "Cannot store what is new: another program keeps the store locked; it is forgotten when this program ends";
const LOCKED_READ =
  "Cannot read what was stored: another program keeps the store locked; this program goes on without it";

Deno.test("local store: values are kept, each profile's apart", () => {
  const storage = new FakeStorage();
  const { store, told } = storeOver(storage);
  store.set("a/1", "one");
  store.set("a/2", "two");
  store.set("b", "");
  store.delete("a/2");
  assertEquals([store.get("a/1"), store.get("a/2"), store.get("b")], ["one", undefined, ""]);
  assertEquals(store.keys("a/"), ["a/1"]);
  assertEquals([...storage.values.keys()], ["confab/p/a/1", "confab/p/b"]);
  for (const profile of ["q", "", "p/a", "../p", "\ud83d"]) {
    const other = storeOver(storage, profile).store;
    assertEquals(other.keys(""), [], profile);
    assertEquals(other.get("1"), undefined, profile);
  }
  assertEquals(storeOver(storage).store.get("a/1"), "one", "another program of that profile");
  assertEquals(told, []);
});

Deno.test("local store: add leaves what is there", async () => {
  const storage = new FakeStorage();
  const { store } = storeOver(storage);
  store.add("k", "one");
  store.add("k", "two");
  assertEquals(store.get("k"), "one");
  storage.lock(3);
  store.add("other", "mine");
  storage.values.set("confab/p/other", "theirs");
  assertEquals(store.get("other"), "mine", "as far as this one knows");
  await store.settled();
  assertEquals(store.get("other"), "theirs");
  storage.lock(3);
  store.set("third", "set");
  store.add("third", "added");
  store.delete("k");
  store.add("k", "again");
  await store.settled();
  assertEquals([store.get("third"), store.get("k")], ["set", "again"]);
});

Deno.test("local store: a write that meets a lock is done when that is gone", async () => {
  const storage = new FakeStorage();
  const { store, told } = storeOver(storage);
  store.set("gone", "x");
  storage.lock(40); // 40 tries of 25 ms: 1 s
  store.set("a", "1");
  assertEquals(storage.accesses, 2, "set() itself tries once");
  store.set("b", "2");
  store.set("a", "3");
  store.delete("gone");
  assertEquals([store.get("a"), store.get("b"), store.get("gone")], ["3", "2", undefined]);
  assertEquals(storage.values.size, 1, "nothing of it is done yet");
  await store.settled();
  assertEquals([...storage.values], [["confab/p/a", "3"], ["confab/p/b", "2"]]);
  assertEquals(told, []);
});

Deno.test("local store: keys has what waits", async () => {
  const storage = new FakeStorage();
  const { store } = storeOver(storage);
  store.set("k/old", "x");
  storage.lock(1);
  store.set("k/new", "y");
  store.set("other", "z");
  store.delete("k/old");
  assertEquals(store.keys("k/"), ["k/new"]);
  await store.settled();
  assertEquals(store.keys("k/"), ["k/new"]);
});

Deno.test("local store: a write that is locked out for good is given up and told once", async () => {
  const storage = new FakeStorage();
  const { store, told } = storeOver(storage);
  store.set("a", "old");
  storage.lock();
  const from = performance.now();
  store.set("a", "1");
  store.set("b", "2");
  await store.settled();
  assert(performance.now() - from >= 2_000, "after 2 s");
  assertEquals(told, [LOCKED_WRITE]);
  storage.lock(0);
  assertEquals([store.get("a"), store.get("b")], ["old", undefined], "no longer as if stored");
  store.set("a", "3");
  assertEquals(store.get("a"), "3");
  await store.settled();
});

Deno.test("local store: a read that meets a lock waits", () => {
  const storage = new FakeStorage();
  const { store, told } = storeOver(storage);
  store.set("a", "1");
  storage.lock(20);
  assertEquals(store.get("a"), "1");
  storage.lock(20);
  assertEquals(store.keys(""), ["a"]);
  assertEquals(told, []);
});

Deno.test("local store: reads that are locked out wait for 2 s in all", () => {
  const storage = new FakeStorage();
  const { store, told } = storeOver(storage);
  store.set("a", "1");
  storage.lock();
  const from = performance.now();
  assertEquals(store.get("a"), undefined);
  assert(performance.now() - from >= 2_000, "after 2 s");
  const { accesses } = storage;
  assertEquals([store.get("a"), store.get("b")], [undefined, undefined]);
  assertEquals(store.keys(""), []);
  assertEquals(storage.accesses, accesses + 3, "no further wait");
  assertEquals(told, [LOCKED_READ]);
  storage.lock(0);
  assertEquals(store.get("a"), "1");
  storage.lock(5);
  assertEquals(store.get("a"), "1", "patient again");
});

const FAILURES: readonly [name: string, failure: Error, reason: string][] = [
  [
    "full",
    new DOMException("Exceeded maximum storage size", "QuotaExceededError"),
    "the store is full (about 10 MB)",
  ],
  [
    "damaged",
    new Error("file is not a database"),
    "the store is damaged (file is not a database)",
  ],
  [
    "out of reach",
    new Error("unable to open database file: /x/local_storage"),
    "the store is damaged (unable to open database file: /x/local_storage)",
  ],
  ["something else", new TypeError("out of luck"), "out of luck"],
];

for (const [name, failure, reason] of FAILURES) {
  Deno.test(`local store: ${name} is told at once, and once`, async () => {
    const storage = new FakeStorage();
    const { store, told } = storeOver(storage);
    storage.failure = () => failure;
    store.set("a", "1");
    store.set("b", "1");
    store.delete("a");
    const write = `Cannot store what is new: ${reason}; it is forgotten when this program ends`;
    assertEquals(told, [write]);
    assertEquals([store.get("a"), store.keys("")], [undefined, []]);
    const read = `Cannot read what was stored: ${reason}; this program goes on without it`;
    assertEquals(told, [write, read]);
    await store.settled();
  });
}

Deno.test("local store: a store that cannot even be asked for is an error like any other", async () => {
  const told: string[] = [];
  const store = new LocalStore("p", (message) => told.push(message), () => {
    throw new DOMException("no origin", "NotSupportedError");
  });
  store.set("a", "1");
  assertEquals(store.get("a"), undefined);
  assertEquals(told.length, 2);
  assert(told.every((message) => message.includes("no origin")));
  await store.settled();
});
