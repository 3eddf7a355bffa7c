/** Which names belong to which keys: bindings, their end, their limits, what is stored. */
import type { Identity } from "../../lib/crypto/identity.ts";
import { forgetName } from "../../lib/registry/names.ts";
import { loadRegistryKey } from "../../lib/registry/registry_key.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { FailingStore, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);
const BOB = identityNumber(2);
const TAKEN = "ERROR:name-taken:the name is taken here: it belongs to another key, " +
  "somebody else's or yours from another machine or profile";

/** Comes, and leaves again: what it was told on REGISTER. */
function visit(bench: RegistryBench, name: string, identity: Identity, ip?: string): string {
  const client = bench.ask(name, identity, ip);
  const told = client.heard().join();
  client.hangUp();
  bench.pass(10_000);
  return told;
}

/** The same without a key. */
function visitPlainly(bench: RegistryBench, name: string, dialect: "framed" | "classic"): string {
  const client = bench.connect(dialect);
  client.say(`REGISTER:${name}:127.0.0.1:5001`);
  const told = client.heard().join();
  client.hangUp();
  bench.pass(10_000);
  return told;
}

function stored(bench: RegistryBench, name: string): string | undefined {
  return bench.store.get(`name/${name}`);
}

const binding = ({ publicKey }: Identity, day: number): string =>
  JSON.stringify({ v: 1, key: publicKey, day });

Deno.test("a name belongs to the first kept key, also while its owner is away, in any case", () => {
  const bench = new RegistryBench();
  visit(bench, "Ann", ANN);
  assertEquals(stored(bench, "ann"), binding(ANN, bench.today));
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  assertEquals(
    visit(bench, "ANN", identityNumber(1, false)).slice(0, 13),
    "ROSTER:0:ANN:",
    "its key",
  );
  assertEquals(visitPlainly(bench, "aNN", "framed"), TAKEN);
  const [, , length, , ...rest] = visitPlainly(bench, "ann", "classic").split(":");
  assertEquals(`ERROR:name-taken:${rest.join(":").trim()}`, TAKEN);
  assertEquals(Number(length), TAKEN.length - "ERROR:".length + " ".length);
  const keyless = bench.greet();
  keyless.say("REGISTER:ann:127.0.0.1:5001");
  assertEquals(keyless.heard(), [TAKEN]);
  assertMatch(visit(bench, "ann", ANN), /^ROSTER:0:ann:/);
});

Deno.test("a key of one session, and no key at all, bind nothing", () => {
  const bench = new RegistryBench();
  const session = identityNumber(3, false);
  const ann = bench.joinKeyed("ann", session);
  assertEquals(bench.ask("ann", BOB).heardKinds(), ["ERROR:name-taken"], "while it is there");
  ann.hangUp();
  visitPlainly(bench, "bob", "framed");
  assertEquals(bench.store.keys("name/"), []);
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
  assertMatch(visit(bench, "bob", BOB), /^ROSTER/);
});

Deno.test("bindings outlive the registry", () => {
  const store = new MemoryStore();
  visit(new RegistryBench({ store }), "ann", ANN);
  const next = new RegistryBench({ store });
  assertEquals(visit(next, "ann", BOB), TAKEN);
  assertMatch(visit(next, "ann", ANN), /^ROSTER/);
});

Deno.test("a binding is kept for 30 days after its last use, then the name is free", () => {
  const bench = new RegistryBench();
  visit(bench, "ann", ANN);
  bench.today += 30;
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  visit(bench, "ann", ANN);
  bench.today += 30;
  assertEquals(visit(bench, "ann", BOB), TAKEN, "registering renews it");
  const ann = bench.joinKeyed("ann", ANN);
  bench.today += 31;
  assertEquals(bench.ask("ann", BOB).heard(), [TAKEN], "it does not lapse while in use");
  ann.hangUp();
  bench.today += 30;
  assertEquals(visit(bench, "ann", BOB), TAKEN, "the end of the session renews it");
  bench.today += 1;
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
  assertEquals(stored(bench, "ann"), binding(BOB, bench.today));
  assertEquals(visit(bench, "ann", ANN), TAKEN);
});

Deno.test("a registry that starts forgets what has lapsed", () => {
  const store = new MemoryStore();
  store.set("name/old", binding(ANN, 20_000 - 31));
  store.set("name/ann", binding(ANN, 20_000 - 30));
  const bench = new RegistryBench({ store });
  assertEquals(store.keys("name/"), ["name/ann"]);
  assertMatch(visit(bench, "old", BOB), /^ROSTER/);
  assertEquals(visit(bench, "ann", BOB), TAKEN);
});

Deno.test("a name is written once a day at most", () => {
  const writes: string[] = [];
  const store = new class extends MemoryStore {
    override set(key: string, value: string): void {
      if (key.startsWith("name/")) writes.push(key);
      super.set(key, value);
    }
  }();
  const bench = new RegistryBench({ store });
  for (let i = 0; i < 5; i++) visit(bench, "ann", ANN);
  assertEquals(writes.length, 1);
  bench.today++;
  for (let i = 0; i < 5; i++) visit(bench, "ann", ANN);
  assertEquals(writes.length, 2);
  bench.joinKeyed("ann", ANN);
  bench.today++;
  bench.registry.shutdown();
  assertEquals(
    writes.length,
    3,
    "a session that the end of the registry ends has been used until then",
  );
  assertEquals(stored(bench, "ann"), binding(ANN, bench.today));
});

Deno.test("one address binds 5 names a day; beyond that a name is held for the session", () => {
  const bench = new RegistryBench();
  const visitFrom = (ip: string, from: number, count: number): void => {
    for (let i = from; i < from + count; i++) visit(bench, `u${i}`, identityNumber(i + 10), ip);
  };
  visitFrom("192.0.2.1", 0, 7);
  assertEquals(bench.store.keys("name/").length, 5);
  const ann = bench.joinKeyed("u5", identityNumber(15), "192.0.2.1");
  assertEquals(bench.ask("u5", BOB).heardKinds(), ["ERROR:name-taken"]);
  ann.hangUp();
  assertMatch(visit(bench, "u5", BOB, "192.0.2.2"), /^ROSTER/);
  visitFrom("192.0.2.1", 0, 5);
  bench.today++;
  visitFrom("192.0.2.1", 20, 6);
  assertEquals(bench.store.keys("name/").length, 5 + 1 + 5, "the next day there are 5 more");
  // All of an IPv6 /64 are one address.
  for (let i = 0; i < 6; i++) visit(bench, `v${i}`, identityNumber(i + 90), `2001:db8::${i + 1}`);
  assertEquals(bench.store.keys("name/v").length, 5);
  visit(bench, "w", BOB, "2001:db8:0:1::1");
  assert(stored(bench, "w") !== undefined, "another /64");
});

Deno.test("a full table: names are held for the session, none is evicted; what lapses makes room", () => {
  const bench = new RegistryBench({ maxNames: 2 });
  visit(bench, "ann", ANN);
  bench.today += 10;
  visit(bench, "bob", BOB);
  const cam = bench.joinKeyed("cam", identityNumber(3));
  assertEquals(bench.ask("cam", ANN).heardKinds(), ["ERROR:name-taken"]);
  cam.hangUp();
  assertEquals(bench.store.keys("name/"), ["name/ann", "name/bob"]);
  assertMatch(visit(bench, "cam", ANN), /^ROSTER/);
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  bench.today += 21;
  visit(bench, "cam", identityNumber(3));
  assertEquals(bench.store.keys("name/"), ["name/bob", "name/cam"]);
});

Deno.test("forgotten by another process while the registry runs: the name is free at once", () => {
  const bench = new RegistryBench();
  visit(bench, "Ann", ANN);
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  assertEquals(forgetName(bench.store, "ANN"), true);
  assertEquals(forgetName(bench.store, "ann"), false);
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
  assertEquals(stored(bench, "ann"), binding(BOB, bench.today));
  assertEquals(visit(bench, "ann", ANN), TAKEN);
});

Deno.test("forgotten while its owner is here: not free before that, not bound again by its end", () => {
  const bench = new RegistryBench();
  const ann = bench.joinKeyed("ann", ANN);
  forgetName(bench.store, "ann");
  assertEquals(bench.ask("ann", BOB).heard(), [
    "ERROR:name-taken:somebody here already has that name",
  ]);
  bench.today++;
  ann.hangUp();
  assertEquals(stored(bench, "ann"), undefined);
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
});

Deno.test("forgotten, then its owner comes first: it is bound anew", () => {
  const bench = new RegistryBench();
  visit(bench, "ann", ANN);
  forgetName(bench.store, "ann");
  visit(bench, "ann", ANN);
  assertEquals(stored(bench, "ann"), binding(ANN, bench.today));
});

for (
  const [how, act] of [
    ["it comes once more", (bench: RegistryBench) => void bench.joinKeyed("ann", ANN)],
    ["it leaves", () => {}],
    ["it leaves on another day", (bench: RegistryBench) => void bench.today++],
    ["somebody else asks", (bench: RegistryBench) => void bench.ask("ann", BOB)],
  ] as const
) {
  Deno.test(`forgotten while its owner is here, and ${how}: nobody's until another key comes`, () => {
    const bench = new RegistryBench();
    const ann = bench.joinKeyed("ann", ANN);
    const further = bench.ask("ann", ANN);
    ann.pong();
    forgetName(bench.store, "ann");
    act(bench);
    for (const client of [ann, further]) client.pong();
    bench.pass(500);
    assertEquals([ann.closed, further.closed], [false, false], "its sessions go on");
    assertEquals(stored(bench, "ann"), undefined);
    bench.registry.shutdown();
    assertEquals(stored(bench, "ann"), undefined);
  });
}

Deno.test("forgotten while its owner is here: that key does not have it again in this run, the next one does", () => {
  const bench = new RegistryBench();
  const ann = bench.joinKeyed("ann", ANN);
  forgetName(bench.store, "ann");
  ann.hangUp();
  for (let day = 0; day < 3; day++) {
    assertMatch(visit(bench, "ann", ANN), /^ROSTER/, "it may use it");
    assertEquals(stored(bench, "ann"), undefined);
    bench.today++;
  }
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
  assertEquals(stored(bench, "ann"), binding(BOB, bench.today));
  assertEquals(visit(bench, "ann", ANN), TAKEN);
  forgetName(bench.store, "ann");
  visit(bench, "ann", ANN);
  assertEquals(stored(bench, "ann"), binding(ANN, bench.today), "that was about the other one");
});

Deno.test("a store that cannot be read while the registry runs frees no name, and nothing is bound", () => {
  const store = new FailingStore();
  const bench = new RegistryBench({ store });
  visit(bench, "ann", ANN);
  store.isUnreadable = true;
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  assertMatch(visit(bench, "ann", ANN), /^ROSTER/);
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  store.writes = [];
  assertMatch(visit(bench, "new", ANN), /^ROSTER/);
  assertMatch(visit(bench, "new", BOB), /^ROSTER/, "held for the session only");
  bench.today += 40;
  assertEquals(visit(bench, "ann", BOB), TAKEN, "who knows whether it was used");
  assertMatch(visit(bench, "ann", ANN), /^ROSTER/);
  assertEquals(store.writes, [], "it might be somebody else's by now");
});

Deno.test("a full store: a name is its key's while the registry runs, in the next run nobody's", () => {
  const store = new FailingStore();
  store.isFull = true;
  const bench = new RegistryBench({ store });
  visit(bench, "ann", ANN);
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  assertEquals(visitPlainly(bench, "ann", "framed"), TAKEN);
  assertMatch(visit(bench, "ann", ANN), /^ROSTER/);
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  bench.today += 30;
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  bench.today++;
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/, "it lapses as any other");
  assertEquals(visit(bench, "ann", ANN), TAKEN);
  assertEquals(store.keys("name/"), []);
  assertMatch(visit(new RegistryBench({ store }), "ann", ANN), /^ROSTER/);
});

Deno.test("a store that is no longer full: the binding is written when its owner comes or goes", async () => {
  const store = new FailingStore();
  store.isFull = true;
  const bench = new RegistryBench({ store });
  const ann = bench.joinKeyed("ann", ANN);
  store.isFull = false;
  ann.hangUp();
  assertEquals(stored(bench, "ann"), binding(ANN, bench.today));
  await store.settled();
  forgetName(store, "ann");
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/, "and from then on it can be forgotten");
});

Deno.test("a renewal that a full store refuses counts while the registry runs; forgotten it is all the same", () => {
  const store = new FailingStore();
  store.values.set("name/ann", binding(ANN, 20_000));
  store.values.set("name/bob", binding(BOB, 20_000));
  store.isFull = true;
  const bench = new RegistryBench({ store });
  bench.today += 20;
  store.writes = [];
  for (let i = 0; i < 5; i++) visit(bench, "ann", ANN);
  assertEquals(store.writes, ["name/ann"], "tried once a day");
  bench.today += 20;
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  assertMatch(visit(bench, "bob", ANN), /^ROSTER/, "which was not used");
  forgetName(store, "ann");
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
});

for (const then of ["write", "give up"] as const) {
  Deno.test(`a binding waits for a lock: it holds meanwhile, and after that; ${then}`, async () => {
    const store = new FailingStore();
    const bench = new RegistryBench({ store });
    store.lock();
    visit(bench, "ann", ANN);
    assertEquals(visit(bench, "ann", BOB), TAKEN);
    await store.unlock(then);
    assertEquals(store.values.has("name/ann"), then === "write");
    assertEquals(visit(bench, "ann", BOB), TAKEN);
    forgetName(store, "ann");
    const expected = then === "write" ? /^ROSTER/ : /^ERROR:name-taken/;
    assertMatch(visit(bench, "ann", BOB), expected, "what was never there was not forgotten");
  });
}

Deno.test("a binding waits for a lock, behind which another process has bound the name: it is that one's", async () => {
  const store = new FailingStore();
  const bench = new RegistryBench({ store });
  store.lock();
  visit(bench, "ann", ANN);
  store.values.set("name/ann", binding(BOB, bench.today));
  await store.unlock("write");
  assertEquals(visit(bench, "ann", ANN), TAKEN);
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
  assertEquals(stored(bench, "ann"), binding(BOB, bench.today));
});

Deno.test("a store that cannot be read at first: what it held counts as soon as it can", () => {
  const store = new FailingStore();
  for (const name of ["ann", "eve", "old"]) {
    store.values.set(`name/${name}`, binding(ANN, name === "old" ? 19_900 : 20_000));
  }
  store.values.set("name/bad", "{");
  store.isUnreadable = true;
  const bench = new RegistryBench({ store });
  assertMatch(visit(bench, "ann", BOB), /^ROSTER/, "nothing is known of it");
  const eve = bench.joinKeyed("eve", BOB);
  assertEquals(bench.events.filter(({ event }) => event === "error"), []);
  store.isUnreadable = false;
  assertEquals(visit(bench, "ann", BOB), TAKEN);
  assertMatch(visit(bench, "ann", ANN), /^ROSTER/);
  eve.hangUp();
  assertEquals(visit(bench, "eve", BOB), TAKEN);
  assertEquals(bench.events.filter(({ event }) => event === "error").length, 1, "the damaged one");
  assertEquals(store.keys("name/"), ["name/ann", "name/eve", "name/bad"], "what lapsed is gone");
  assertEquals(stored(bench, "eve"), binding(ANN, 20_000));
});

Deno.test("two registries of one profile: what either binds, renews or forgets, the other knows at once", () => {
  const store = new MemoryStore();
  const [one, other] = [new RegistryBench({ store }), new RegistryBench({ store })];
  visit(other, "ann", ANN);
  assertEquals(visit(one, "ann", BOB), TAKEN);
  assertEquals(visitPlainly(one, "ann", "framed"), TAKEN);
  visit(one, "bob", BOB);
  assertEquals(visit(other, "bob", ANN), TAKEN);
  other.today += 20;
  visit(other, "ann", ANN);
  one.today += 40;
  assertEquals(visit(one, "ann", BOB), TAKEN, "the other one has seen it used");
  assertEquals(stored(one, "ann"), binding(ANN, other.today));
  assertEquals(stored(one, "bob"), undefined);
  // What neither had in memory, and nobody uses any more.
  store.set("name/cam", binding(ANN, 20_000));
  assertMatch(visit(one, "cam", BOB), /^ROSTER/);
  assertEquals(stored(one, "cam"), binding(BOB, one.today));
});

const WRONG = [
  "",
  "null",
  "[1]",
  "{",
  "7",
  `{"v":2,"key":"${ANN.publicKey}","day":20000}`,
  `{"v":1,"key":"${ANN.publicKey.toUpperCase()}","day":20000}`,
  `{"v":1,"key":"${ANN.publicKey.slice(1)}","day":20000}`,
  `{"v":1,"key":"${ANN.publicKey}","day":"20000"}`,
  `{"v":1,"key":"${ANN.publicKey}","day":1.5}`,
  `{"v":1,"key":"${ANN.publicKey}"}`,
];

Deno.test("a damaged binding: told once, held by nobody beyond the session, never overwritten", () => {
  for (const wrong of WRONG) {
    const store = new MemoryStore();
    store.set("name/ann", wrong);
    store.set("name/eve", wrong);
    const bench = new RegistryBench({ store });
    const [told, ...others] = bench.events;
    assertEquals(others, []);
    assert(told?.event === "error" && told.code === "store");
    assertMatch(told.message, /of ann and 1 more is damaged.*--forget/);
    assertMatch(visit(bench, "ann", ANN), /^ROSTER/);
    assertMatch(visit(bench, "ann", BOB), /^ROSTER/);
    assertEquals(stored(bench, "ann"), wrong);
    assertEquals(bench.events.filter(({ event }) => event === "error").length, 1);
    assertEquals(forgetName(store, "ann"), true);
    visit(bench, "ann", BOB);
    assertEquals(stored(bench, "ann"), binding(BOB, bench.today), wrong);
  }
});

Deno.test("the registry's key is made once and stored; a damaged one is left as it is, for a key of this run", () => {
  const errors: string[] = [];
  const load = (store: MemoryStore, fill: number): Identity =>
    loadRegistryKey(store, new Uint8Array(32).fill(fill), (message) => errors.push(message));
  const store = new MemoryStore();
  const first = load(store, 0x11);
  assertEquals(first.publicKey, "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737");
  assertEquals(first.kept, true);
  assertEquals(store.get("registry/key"), `{"v":1,"seed":"${"11".repeat(32)}"}`);
  assertEquals(load(store, 0x22).publicKey, first.publicKey);
  assertEquals(errors, []);
  for (const wrong of ["", "{", `{"v":2,"seed":"${"11".repeat(32)}"}`, '{"v":1,"seed":"11"}']) {
    store.set("registry/key", wrong);
    const other = load(store, 0x22);
    assertEquals([other.kept, other.publicKey === first.publicKey], [false, false]);
    assertEquals(store.get("registry/key"), wrong);
    assertMatch(errors.pop() ?? "", /damaged/);
  }
});

Deno.test("nothing can be stored: the registry's key is one of this run", () => {
  const store = new class extends MemoryStore {
    override set(): void {}
  }();
  assertEquals(loadRegistryKey(store, new Uint8Array(32), () => {}).kept, false);
});
