/** Whose key is whose: what a client remembers of its peers, what it says of a change, and what it does not do. */
import { identityOf } from "../../lib/crypto/identity.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../support/assert.ts";
import { dropped } from "../support/signed_offers.ts";
import {
  seedOf,
  VirtualClassic,
  type VirtualClient,
  VirtualWorld,
} from "../support/virtual_world.ts";

const OTHER = identityOf(seedOf("not bob"), true);

interface Met {
  readonly world: VirtualWorld;
  readonly store: MemoryStore;
  readonly ann: VirtualClient;
  readonly bob: VirtualClient;
}

/** ann and bob have had a chat. */
function met(kept = true): Met {
  const world = new VirtualWorld();
  const store = new MemoryStore();
  const ann = world.add("ann", { store });
  const bob = world.add("bob", { accept: "all", identity: identityOf(seedOf("bob"), kept) });
  world.pass(100);
  ann.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(100);
  assertEquals(texts(bob), ["hello"]);
  ann.do({ command: "close", to: "bob" });
  world.pass(15_000);
  return { world, store, ann, bob };
}

/** bob has left, the registry has forgotten him, and another takes his name. */
function replaced(it: Met, identity = OTHER): VirtualClient {
  it.bob.do({ command: "quit" });
  it.world.pass(100);
  it.world.forgetNames();
  it.world.pass(5_000);
  const other = it.world.add("bob", { accept: "all", identity });
  it.world.pass(100);
  return other;
}

function texts(client: VirtualClient): string[] {
  return client.told("private").map(({ text }) => text);
}

function errors(client: VirtualClient): string[] {
  return client.told("error").map(({ code }) => code).filter((code) => code !== "not-connected");
}

function trustOf(client: VirtualClient, peer: string): string | undefined {
  client.do({ command: "peers" });
  return client.told("peers").at(-1)?.peers.find(({ username }) => username === peer)?.trust;
}

Deno.test("seen: new, and nothing stored; after a chat: known, and stored", () => {
  const world = new VirtualWorld();
  const store = new MemoryStore();
  const ann = world.add("ann", { store });
  const bob = world.add("bob", { accept: "all" });
  world.pass(100);
  assertEquals(trustOf(ann, "bob"), "new");
  assertEquals(store.keys("pin/"), []);
  ann.do({ command: "start", to: "bob" });
  world.pass(100);
  assertEquals(trustOf(ann, "bob"), "known");
  const [path = ""] = store.keys("pin/");
  assertEquals(path, `pin/${world.registryIdentity.publicKey}/bob`);
  assertStringIncludes(store.get(path) ?? "", identityOf(seedOf("bob"), true).publicKey);
  assertEquals(trustOf(bob, "ann"), "known");
  assertEquals([errors(ann), errors(bob)], [[], []]);
});

Deno.test("another key: one warning, no chat either way, until trust; other peers as before", () => {
  const it = met();
  const { world, ann } = it;
  const carol = world.add("carol", { accept: "all" });
  const other = replaced(it);
  assertEquals(errors(ann), ["key-changed"]);
  const [warning] = ann.told("error").filter(({ code }) => code === "key-changed");
  for (const part of ["key of bob", "/verify bob", "/trust bob", "new device", "poses"]) {
    assertStringIncludes(warning?.message ?? "", part);
  }
  const [sent, dials, before] = [world.datagrams.length, world.dials.length, ann.events.length];
  ann.do({ command: "start", to: "bob" });
  ann.do({ command: "chat", to: "BOB", text: "secret" });
  for (let i = 0; i < 3; i++) {
    other.do({ command: "chat", to: "ann", text: "it is me" });
    world.pass(15_000);
  }
  ann.do({ command: "accept", to: "bob" });
  ann.do({ command: "verified", to: "bob" });
  const codes = ann.events.slice(before).map((event) =>
    event.event === "error" ? event.code : event.event
  );
  assertEquals(codes, ["key-changed", "key-changed", "bad-command", "key-changed", "trust"]);
  assertEquals(ann.told("trust").at(-1)?.trust, "changed", "verified was refused");
  assertEquals(world.datagrams.slice(sent).filter(({ from }) => from.ip === ann.ip), []);
  assertEquals(world.dials.length, dials);
  assertEquals(Object.keys(dropped(ann)), ["key-changed"]);
  assertEquals(trustOf(ann, "bob"), "changed");
  ann.do({ command: "chat", to: "carol", text: "but you" });
  world.pass(100);
  assertEquals(texts(carol), ["but you"]);
  ann.do({ command: "trust", to: "bob" });
  assertEquals(trustOf(ann, "bob"), "known");
  ann.do({ command: "chat", to: "bob", text: "now" });
  world.pass(200);
  assertEquals(texts(other), ["now"], "and what was said before is not said now");
});

Deno.test("the warning comes once a key: not at each return of the registry, nor of the peer", () => {
  const it = met();
  const { world, ann } = it;
  const other = replaced(it);
  for (let i = 0; i < 3; i++) {
    world.setRegistry(false);
    world.setRegistry(true);
    world.pass(10_000);
    ann.do({ command: "peers" });
  }
  assertEquals(errors(ann), ["key-changed"]);
  other.do({ command: "quit" });
  world.pass(100);
  world.forgetNames();
  world.pass(5_000);
  world.add("bob", { identity: identityOf(seedOf("a third"), true) });
  world.pass(100);
  assertEquals(errors(ann), ["key-changed", "key-changed"], "another key, another warning");
});

Deno.test("in the next run the pin is there: warned and blocked at first sight", () => {
  const it = met();
  it.ann.do({ command: "quit" });
  replaced(it);
  const ann = it.world.add("ann", { store: it.store });
  it.world.pass(100);
  assertEquals([errors(ann), trustOf(ann, "bob")], [["key-changed"], "changed"]);
});

Deno.test("his own key again: known again, nothing to decide", () => {
  const it = met();
  replaced(it).do({ command: "quit" });
  it.world.pass(100);
  it.world.forgetNames();
  it.world.pass(5_000);
  const bob = it.world.add("bob", { accept: "all" });
  it.world.pass(100);
  assertEquals(trustOf(it.ann, "bob"), "known");
  it.ann.do({ command: "chat", to: "bob", text: "welcome back" });
  it.world.pass(100);
  assertEquals(texts(bob), ["welcome back"]);
});

Deno.test("verified: told, stored, dropped by another key and by trust", () => {
  const it = met();
  const { world, ann } = it;
  ann.do({ command: "verified", to: "bob" });
  const told = ann.told("trust").at(-1);
  assertEquals([told?.peer, told?.trust], ["bob", "verified"]);
  assertMatch(told?.safetyNumber ?? "", /^([0-9]{5} ){11}[0-9]{5}$/);
  ann.do({ command: "start", to: "bob" });
  world.pass(200);
  assertEquals(ann.told("session").at(-1)?.verified, true);
  ann.do({ command: "close", to: "bob" });
  world.pass(100);
  const next = world.add("ann", { store: it.store, ip: "10.0.0.77" });
  world.pass(1_000);
  assertEquals(trustOf(next, "bob"), "verified");
  const other = replaced(it);
  assertEquals(trustOf(ann, "bob"), "changed");
  ann.do({ command: "trust", to: "bob" });
  assertEquals(ann.told("trust").at(-1)?.trust, "known");
  ann.do({ command: "start", to: "bob" });
  world.pass(200);
  assertEquals(other.chats.at(-1), "ann open");
  assertEquals(ann.told("session").at(-1)?.verified, false);
});

Deno.test("trust for the same key is refused and keeps the mark; forget drops all", () => {
  const { ann, store } = met();
  ann.do({ command: "verified", to: "bob" });
  ann.do({ command: "trust", to: "bob" });
  assertEquals(ann.told("error").at(-1)?.code, "bad-command");
  assertEquals(trustOf(ann, "bob"), "verified");
  ann.do({ command: "forget", to: "Bob" });
  assertEquals(ann.told("trust").at(-1)?.trust, "new");
  assertEquals(store.keys("pin/"), []);
});

Deno.test("what cannot be decided is told, and changes nothing", () => {
  const { world, ann, store } = met();
  new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  const stored = store.keys("").map((path) => [path, store.get(path)]);
  const before = ann.events.length;
  const wrong = [
    ["no-such-peer", "verify", "nobody"],
    ["no-such-peer", "verified", "nobody"],
    ["no-such-peer", "trust", "nobody"],
    ["no-such-peer", "trust", "ann"],
    ["bad-command", "verify", "old"],
    ["bad-command", "verified", "OLD"],
    ["bad-command", "forget", "nobody"],
    ["bad-command", "forget", "old"],
    ["bad-command", "unblock", "bob"],
  ] as const;
  for (const [, command, to] of wrong) ann.do({ command, to });
  const told = ann.events.slice(before).map((event) => event.event === "error" && event.code);
  assertEquals(told, wrong.map(([code]) => code));
  assertEquals(store.keys("").map((path) => [path, store.get(path)]), stored);
});

for (const known of ["met", "only seen"] as const) {
  Deno.test(`a name ${known} with a key has none now: never spoken to in the clear, until trust`, () => {
    const it = met();
    const { world } = it;
    const ann = known === "met" ? it.ann : world.add("zoe");
    world.pass(100);
    it.bob.do({ command: "quit" });
    world.pass(100);
    world.forgetNames();
    world.pass(5_000);
    const old = new VirtualClassic(world, "bob", it.bob.ip);
    world.pass(100);
    if (known === "met") assertEquals(errors(ann), ["key-changed"]);
    assertEquals(trustOf(ann, "bob"), "changed");
    const [sent, dials] = [world.datagrams.length, world.dials.length];
    ann.do({ command: "chat", to: "bob", text: "in the clear?" });
    assertEquals(errors(ann).at(-1), "key-changed");
    assertStringIncludes(ann.told("error").at(-1)?.message ?? "", "has none now");
    for (let i = 0; i < 3; i++) {
      old.start(ann);
      world.pass(15_000);
      ann.do({ command: "accept", to: "bob" });
    }
    assertEquals([world.datagrams.length, world.dials.length, old.heard], [sent, dials, []]);
    assertEquals(dropped(ann), { unsigned: 3 });
    assertEquals(ann.told("invite"), []);
    ann.do({ command: "trust", to: "bob" });
    ann.do({ command: "chat", to: "bob", text: "in the clear" });
    world.pass(1_000);
    assertEquals(old.heard, ["in the clear"]);
  });
}

Deno.test("a key of this session only is known while we run, and stored nowhere", () => {
  const it = met(false);
  const { world, store } = it;
  assertEquals(trustOf(it.ann, "bob"), "known");
  assertEquals(store.keys("pin/"), []);
  replaced(it);
  assertEquals([errors(it.ann), trustOf(it.ann, "bob")], [["key-changed"], "changed"]);
  const next = world.add("ann", { store, ip: "10.0.0.77" });
  world.pass(1_000);
  assertEquals(trustOf(next, "bob"), "new");
  const key = identityOf(seedOf("bob"), false).publicKey;
  assert(!store.keys("").some((path) => store.get(path)?.includes(key)));
});

Deno.test("a chat is open with one key, and our user trusts another: nothing more goes to the first", () => {
  const it = met();
  const { world, ann, bob } = it;
  ann.do({ command: "chat", to: "bob", text: "before" });
  world.pass(200);
  assertEquals(ann.chats.at(-1), "bob open");
  // bob is cut off from the registry, his links are not.
  bob.registryHost = "nowhere";
  world.openRegistry("nowhere");
  world.forgetNames();
  world.pass(5_000);
  const other = world.add("bob", { accept: "all", identity: OTHER });
  world.pass(100);
  assertEquals(trustOf(ann, "bob"), "changed");
  ann.do({ command: "trust", to: "bob" });
  ann.do({ command: "chat", to: "bob", text: "for the one I trust" });
  world.pass(500);
  assertEquals(texts(bob).at(-1), "before");
  assertEquals(texts(other), ["for the one I trust"]);
});
