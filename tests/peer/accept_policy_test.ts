/** `--accept` and `--no-classic`: whom a client lets in unasked, and whom never. */
import { identityOf } from "../../lib/crypto/identity.ts";
import type { AcceptPolicy } from "../../lib/peer/commands.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assertEquals } from "../support/assert.ts";
import { dropped } from "../support/signed_offers.ts";
import {
  seedOf,
  VirtualClassic,
  type VirtualClient,
  VirtualWorld,
} from "../support/virtual_world.ts";

const KNOWN: AcceptPolicy = "known";

function pair(accept: AcceptPolicy, store = new MemoryStore()): {
  world: VirtualWorld;
  ann: VirtualClient;
  bob: VirtualClient;
} {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob", { accept, store })];
  world.pass(100);
  return { world, ann, bob };
}

/** ann asks; whether she is let in, asked about, or not heard. */
function ask(world: VirtualWorld, ann: VirtualClient, bob: VirtualClient): string {
  const [invites, opened] = [bob.told("invite").length, bob.chats.length];
  ann.do({ command: "start", to: "bob" });
  world.pass(300);
  if (bob.chats.length > opened) return bob.chats.at(-1) ?? "";
  return bob.told("invite").length > invites ? "asked" : "silence";
}

/** Lets bob be asked, says yes, and ends the chat: they have met. */
function meet(world: VirtualWorld, ann: VirtualClient, bob: VirtualClient): void {
  assertEquals(ask(world, ann, bob), "asked");
  bob.do({ command: "accept", to: "ann" });
  world.pass(100);
  assertEquals(bob.chats.at(-1), "ann open");
  bob.do({ command: "close", to: "ann" });
  world.pass(15_000);
}

Deno.test("accept known: who was met is let in; who was only seen, or rejected, is asked about", () => {
  const { world, ann, bob } = pair(KNOWN);
  assertEquals(ask(world, ann, bob), "asked");
  bob.do({ command: "reject", to: "ann" });
  world.pass(15_000);
  meet(world, ann, bob);
  assertEquals(ask(world, ann, bob), "ann open");
});

Deno.test("accept known, in the next run, from the store; at another registry nobody is known", () => {
  const store = new MemoryStore();
  const { world, ann, bob } = pair(KNOWN, store);
  meet(world, ann, bob);
  bob.do({ command: "quit" });
  world.pass(100);
  const again = world.add("bob", { accept: KNOWN, store });
  world.pass(100);
  assertEquals(ask(world, ann, again), "ann open");
  const other = new VirtualWorld();
  other.registryIdentity = identityOf(seedOf("another registry"), true);
  other.setRegistry(true);
  const [ann2, bob2] = [
    other.add("ann"),
    other.add("bob", { accept: KNOWN, store, server: "elsewhere" }),
  ];
  other.pass(100);
  assertEquals(ask(other, ann2, bob2), "asked");
});

Deno.test("accept known and all: never a peer whose key has changed, until trust", () => {
  for (const accept of ["known", "all"] as const) {
    const { world, ann, bob } = pair(accept);
    if (accept === "known") meet(world, ann, bob);
    else assertEquals(ask(world, ann, bob), "ann open");
    ann.do({ command: "quit" });
    world.pass(100);
    world.forgetNames();
    world.pass(5_000);
    const dials = world.dials.length;
    const other = world.add("ann", { identity: identityOf(seedOf("not ann"), true) });
    world.pass(100);
    assertEquals(ask(world, other, bob), "silence", accept);
    assertEquals(world.dials.length, dials);
    assertEquals(Object.keys(dropped(bob)), ["key-changed"]);
    world.pass(20_000);
    bob.do({ command: "trust", to: "ann" });
    assertEquals(ask(world, other, bob), "ann open", accept);
  }
});

Deno.test("accept known and all: nobody whom our user has blocked", () => {
  for (const accept of ["known", "all"] as const) {
    const { world, ann, bob } = pair(accept);
    if (accept === "known") meet(world, ann, bob);
    bob.do({ command: "block", to: "ann" });
    assertEquals(ask(world, ann, bob), "silence");
    assertEquals(Object.keys(dropped(bob)), ["blocked"]);
  }
});

Deno.test("accept none: silence, also for who was met, and verified", () => {
  const store = new MemoryStore();
  const { world, ann, bob } = pair("ask", store);
  meet(world, ann, bob);
  bob.do({ command: "verified", to: "ann" });
  bob.do({ command: "quit" });
  world.pass(100);
  const again = world.add("bob", { accept: "none", store });
  world.pass(100);
  const sent = world.datagrams.length;
  assertEquals(ask(world, ann, again), "silence");
  world.pass(20_000);
  assertEquals(world.datagrams.slice(sent).filter(({ from }) => from.ip === again.ip), []);
  assertEquals(again.events.length, 1, "registered, and no more");
});

Deno.test("accept known never covers a classic peer, not even one of many chats", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann", { accept: KNOWN });
  const old = new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  for (let round = 1; round <= 3; round++) {
    old.start(ann);
    world.pass(1_000);
    assertEquals(ann.told("invite").length, round, "asked each time");
    ann.do({ command: "accept", to: "old" });
    world.pass(1_000);
    assertEquals(ann.chats.at(-1), "old open");
    ann.do({ command: "close", to: "old" });
    world.pass(1_000);
  }
});

Deno.test("no-classic: start and chat with a user without a key are refused", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann", { classic: false, accept: "all" });
  const old = new VirtualClassic(world, "old", "10.0.0.99");
  const bob = world.add("bob", { accept: "all" });
  world.pass(100);
  ann.do({ command: "start", to: "old" });
  ann.do({ command: "chat", to: "OLD", text: "hello" });
  world.pass(20_000);
  assertEquals(ann.told("error").map(({ code }) => code), ["rejected", "rejected"]);
  assertEquals([world.datagrams, world.dials, old.heard, ann.listening], [[], [], [], 0]);
  assertEquals(ann.chats, []);
  for (let i = 1; i <= 3; i++) {
    old.start(ann);
    world.pass(1_000);
    assertEquals(dropped(ann), { "no-classic": i });
  }
  ann.do({ command: "accept", to: "old" });
  assertEquals([world.dials, old.heard, ann.told("invite"), ann.chats], [[], [], [], []]);
  ann.do({ command: "chat", to: "bob", text: "but you" });
  world.pass(200);
  assertEquals(bob.told("private").map(({ text }) => text), ["but you"]);
});

Deno.test("what is encrypted is told as such, and what is not as not, in every event", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann", { accept: "all" });
  const bob = world.add("bob", { accept: "all" });
  const old = new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  const wire: string[] = [];
  world.tap = (bytes) => {
    wire.push(new TextDecoder().decode(bytes));
    return [bytes];
  };
  for (const to of ["bob", "old"]) ann.do({ command: "chat", to, text: `for ${to}` });
  world.pass(1_000);
  bob.do({ command: "chat", to: "ann", text: "from bob" });
  old.say("from old");
  world.pass(1_000);
  for (const to of ["bob", "old"]) ann.do({ command: "close", to });
  world.pass(1_000);
  const told = ann.told("session").map(({ peer, state, encrypted, classic }) =>
    `${peer} ${state} ${encrypted} ${classic}`
  );
  assertEquals(told.toSorted(), [
    "bob closed true false",
    "bob open true false",
    "old closed false true",
    "old open false true",
  ]);
  assertEquals(
    ann.told("private").map(({ from, encrypted }) => `${from} ${encrypted}`).toSorted(),
    ["bob true", "old false"],
  );
  assertEquals(bob.told("private").map(({ encrypted }) => encrypted), [true]);
  const all = wire.join("\n");
  assertEquals(["for old", "for bob", "from bob"].map((text) => all.includes(text)), [
    true,
    false,
    false,
  ]);
});
