import { identityOf, newSeed } from "../../lib/crypto/identity.ts";
import { openKey, SealedKeyError, sealKey } from "../../lib/crypto/sealed_key.ts";
import {
  exportIdentity,
  IdentityError,
  type IdentityErrorCode,
  type IdentityStore,
  importIdentity,
  loadIdentity,
  storedForm,
} from "../../lib/store/identities.ts";
import { LocalStore } from "../../lib/store/local_store.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../support/assert.ts";
import { FakeStorage } from "./fake_storage.ts";

const KEY = "identity/ann";
const SEED = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const PUBLIC_KEY = identityOf(SEED, true).publicKey;
const OPEN = `{"v":1,"seed":"${SEED.toHex()}"}`;
const SEALED = sealKey(SEED, "ann", "p");
const STORED_SEALED = `{"v":1,"sealed":"${SEALED}"}`;
const TAKE_AS_IS = { replace: false, keepSealed: false };

/** A memory that holds `value` as the key of ann. */
function holding(value: string): MemoryStore {
  const store = new MemoryStore();
  store.set(KEY, value);
  return store;
}

/** Options with a wait that takes no time, and what was told. */
function quick(passphrase?: string, settle: () => void = () => {}): {
  options: Parameters<typeof loadIdentity>[2];
  told: string[];
  waits: number[];
} {
  const told: string[] = [];
  const waits: number[] = [];
  const options = {
    passphrase,
    onError: (message: string) => void told.push(message),
    settle: (ms: number) => {
      waits.push(ms);
      settle();
      return Promise.resolve();
    },
  };
  return { options, told, waits };
}

/** The code of the error that `act` gives. */
async function refusal(act: () => unknown): Promise<IdentityErrorCode> {
  try {
    await act();
  } catch (error) {
    if (error instanceof IdentityError) return error.code;
    throw error;
  }
  throw new Error("no IdentityError");
}

Deno.test("identities: a key is made on first use, and is there from then on", async () => {
  const store = new MemoryStore();
  const { options, told, waits } = quick();
  const first = await loadIdentity(store, "Ann", options);
  assert(first.kept);
  assertMatch(store.get(KEY) ?? "", /^\{"v":1,"seed":"[0-9a-f]{64}"\}$/);
  assertEquals(waits, [100]);
  const second = await loadIdentity(store, "ann", options);
  assertEquals([second.publicKey, second.kept], [first.publicKey, true], "names differ in case");
  assertEquals(waits, [100], "a settled key is taken at once");
  assertNotEquals((await loadIdentity(store, "bob", options)).publicKey, first.publicKey);
  assertEquals(told, []);
});

Deno.test("identities: the last of several first keys is everybody's", async () => {
  const store = new MemoryStore();
  const theirs = `{"v":1,"seed":"${SEED.toHex()}","new":true}`;
  // Between our write and our second look, another program writes, that had found nothing, either.
  const ours = quick(undefined, () => store.set(KEY, theirs));
  const identity = await loadIdentity(store, "ann", ours.options);
  assertEquals([identity.publicKey, identity.kept], [PUBLIC_KEY, true]);
  assertEquals(store.get(KEY), OPEN);
});

Deno.test("identities: a key that is not settled is not taken yet", async () => {
  const store = holding(`{"v":1,"seed":"${newSeed().toHex()}","new":true}`);
  const { options, waits } = quick(undefined, () => store.set(KEY, OPEN));
  assertEquals((await loadIdentity(store, "ann", options)).publicKey, PUBLIC_KEY);
  assertEquals(waits, [100]);
  const left = holding(`{"v":1,"seed":"${SEED.toHex()}","new":true}`);
  const { publicKey } = await loadIdentity(left, "ann", quick().options);
  assertEquals([publicKey, left.get(KEY)], [PUBLIC_KEY, OPEN], "its maker has died: settled here");
});

Deno.test("identities: what another program stored behind a lock stays", async () => {
  const storage = new FakeStorage();
  const store = new LocalStore("p", () => {}, () => storage);
  let first = true;
  storage.failure = () => {
    if (!first) return undefined;
    first = false;
    storage.values.set(`confab/p/${KEY}`, OPEN);
    return new Error("unable to read");
  };
  const { publicKey, kept } = await loadIdentity(store, "ann", quick().options);
  assertEquals([publicKey, kept], [PUBLIC_KEY, true]);
  assertEquals(storage.values.get(`confab/p/${KEY}`), OPEN);
});

Deno.test("identities: a first key that meets a lock waits for it", async () => {
  const storage = new FakeStorage();
  const told: string[] = [];
  const store = new LocalStore("p", (message) => told.push(message), () => storage);
  assertEquals(store.get(KEY), undefined);
  let locked = 5;
  storage.failure = () => {
    // Free for the first look.
    if (storage.accesses === 2 || locked-- <= 0) return undefined;
    return new Error("database is locked");
  };
  const { publicKey, kept } = await loadIdentity(store, "ann", quick().options);
  assert(kept);
  assertEquals((await loadIdentity(store, "ann", quick().options)).publicKey, publicKey);
  await store.settled();
  assertEquals([told, locked < 0], [[], true]);
});

Deno.test("identities: a store that keeps nothing: a key for this run", async () => {
  const storage = new FakeStorage();
  storage.failure = () => new DOMException("", "QuotaExceededError");
  const store = new LocalStore("p", () => {}, () => storage);
  const { options, told } = quick();
  const { kept, publicKey } = await loadIdentity(store, "ann", options);
  assert(!kept);
  assertNotEquals((await loadIdentity(store, "ann", options)).publicKey, publicKey);
  assertEquals(told, [], "the store tells it");
});

const HEX = SEED.toHex();
for (
  const value of [
    "",
    "x",
    "null",
    "[]",
    '"seed"',
    "{}",
    `{"v":2,"seed":"${HEX}"}`,
    `{"v":"1","seed":"${HEX}"}`,
    `{"v":1}`,
    `{"v":1,"seed":"${HEX.slice(2)}"}`,
    `{"v":1,"seed":"${HEX}00"}`,
    `{"v":1,"seed":"${HEX.toUpperCase().replace(/\d/g, "A")}"}`,
    `{"v":1,"seed":7}`,
    `{"v":1,"seed":"${HEX}","sealed":"${SEALED}"}`,
    `{"v":1,"seed":"${HEX}","new":1}`,
    `{"v":1,"sealed":"${SEALED.slice(1)}"}`,
    `{"v":1,"sealed":null}`,
  ]
) {
  const shown = value.length > 30 ? `${value.slice(0, 30)}... (${value.length})` : value;
  Deno.test(`identities: a damaged value is told and left alone: ${shown}`, async () => {
    const store = holding(value);
    for (const passphrase of [undefined, "p"]) {
      const { options, told } = quick(passphrase);
      const { publicKey, kept } = await loadIdentity(store, "ann", options);
      assert(!kept);
      assertNotEquals(publicKey, PUBLIC_KEY);
      assertEquals(told.length, 1);
      assertMatch(told[0] ?? "", /key of ann is damaged/);
    }
    assertEquals(storedForm(store, "ann"), "damaged");
    assertEquals(await refusal(() => exportIdentity(store, "ann", "p")), "damaged");
    assertEquals(await refusal(() => importIdentity(store, SEALED, "p", TAKE_AS_IS)), "damaged");
    assertEquals(store.get(KEY), value);
    await importIdentity(store, SEALED, "p", { replace: true, keepSealed: false });
    assertEquals(store.get(KEY), OPEN, "unless asked to");
  });
}

Deno.test("identities: a sealed key needs its passphrase", async () => {
  const store = holding(STORED_SEALED);
  assertEquals(await refusal(() => loadIdentity(store, "ann", quick().options)), "sealed");
  assertEquals(
    await refusal(() => loadIdentity(store, "ann", quick("q").options)),
    "bad-passphrase",
  );
  const { publicKey, kept } = await loadIdentity(store, "ann", quick("p").options);
  assertEquals([publicKey, kept], [PUBLIC_KEY, true]);
  assertEquals(store.get(KEY), STORED_SEALED);
});

Deno.test("identities: a key sealed for another name is not this one's", async () => {
  const store = new MemoryStore();
  store.set("identity/bob", STORED_SEALED);
  const { options, told } = quick("p");
  assert(!(await loadIdentity(store, "bob", options)).kept);
  assertEquals(told.length, 1);
});

Deno.test("identities: with a passphrase, a stored key and a new one are sealed", async () => {
  for (const store of [holding(OPEN), new MemoryStore()]) {
    const { publicKey, kept } = await loadIdentity(store, "ann", quick("p").options);
    assert(kept);
    const { v, sealed, ...rest } = JSON.parse(store.get(KEY) ?? "");
    assertEquals([v, rest], [1, {}]);
    assertEquals(identityOf(openKey(sealed, "p").seed, true).publicKey, publicKey);
    assertEquals((await loadIdentity(store, "ann", quick("p").options)).publicKey, publicKey);
  }
});

Deno.test("identities: export, then import elsewhere, is the same key", async () => {
  assertEquals(await refusal(() => exportIdentity(new MemoryStore(), "ann", "p")), "none");
  const exported = exportIdentity(holding(OPEN), "ann", "q");
  assertEquals(exported.publicKey, PUBLIC_KEY);
  for (const keepSealed of [false, true]) {
    const store = new MemoryStore();
    const imported = await importIdentity(store, exported.sealed, "q", {
      replace: false,
      keepSealed,
    });
    assertEquals(imported, { username: "ann", publicKey: PUBLIC_KEY });
    assertEquals(storedForm(store, "ann"), keepSealed ? "sealed" : "open");
    const { publicKey } = await loadIdentity(store, "ann", quick("q").options);
    assertEquals(publicKey, PUBLIC_KEY);
  }
});

Deno.test("identities: a sealed key is exported as it is, to who can open it", async () => {
  const store = holding(STORED_SEALED);
  assertEquals(exportIdentity(store, "ann", "p"), { sealed: SEALED, publicKey: PUBLIC_KEY });
  assertEquals(await refusal(() => exportIdentity(store, "ann", "q")), "bad-passphrase");
});

Deno.test("identities: import replaces another key only if asked to", async () => {
  const other = `{"v":1,"seed":"${newSeed().toHex()}"}`;
  const otherSealed = `{"v":1,"sealed":"${sealKey(newSeed(), "ann", "q")}"}`;
  for (const value of [other, otherSealed]) {
    const store = holding(value);
    assertEquals(await refusal(() => importIdentity(store, SEALED, "p", TAKE_AS_IS)), "exists");
    assertEquals(store.get(KEY), value);
    await importIdentity(store, SEALED, "p", { replace: true, keepSealed: true });
    assertEquals(store.get(KEY), STORED_SEALED);
  }
});

Deno.test("identities: importing the same key is fine, and never unseals it", async () => {
  for (
    const [value, keepSealed, after] of [
      [OPEN, false, OPEN],
      [OPEN, true, STORED_SEALED],
      [STORED_SEALED, false, STORED_SEALED],
      [STORED_SEALED, true, STORED_SEALED],
    ] as const
  ) {
    const store = holding(value);
    const imported = await importIdentity(store, SEALED, "p", { replace: false, keepSealed });
    assertEquals(imported.publicKey, PUBLIC_KEY);
    assertEquals(store.get(KEY), after);
  }
});

Deno.test("identities: what cannot be opened, or stored, is not imported", async () => {
  const store = new MemoryStore();
  for (const [sealed, passphrase] of [[SEALED, "q"], ["x", "p"]] as const) {
    try {
      await importIdentity(store, sealed, passphrase, TAKE_AS_IS);
      throw new Error("imported");
    } catch (error) {
      assert(error instanceof SealedKeyError, String(error));
    }
  }
  assertEquals(store.keys(""), []);
  const full: IdentityStore = {
    get: () => undefined,
    has: () => false,
    set() {},
    add() {},
    delete() {},
    keys: () => [],
  };
  assertEquals(await refusal(() => importIdentity(full, SEALED, "p", TAKE_AS_IS)), "not-stored");
});
