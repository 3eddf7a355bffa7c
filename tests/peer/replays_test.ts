/** Good offers, recorded on their way and sent again later. */
import { assert, assertEquals } from "../support/assert.ts";
import { dropped } from "../support/signed_offers.ts";
import { type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

interface Recorded {
  readonly world: VirtualWorld;
  readonly ann: VirtualClient;
  readonly bob: VirtualClient;
  /** The first offer of ann to bob, as it was sent. */
  readonly bytes: Uint8Array;
}

/** ann's first offer has reached bob. */
function recorded(accept: "ask" | "all" | "known"): Recorded {
  const world = new VirtualWorld();
  // With another token than the registry's there is no going on with a session: each connection registers anew.
  world.rewrite = (
    payload,
  ) => [payload.replace(/^(WELCOME:.*:)[0-9a-f]{32}:/, `$1${"0".repeat(32)}:`)];
  const [ann, bob] = [world.add("ann"), world.add("bob", { accept })];
  world.pass(100);
  ann.do({ command: "chat", to: "bob", text: "once" });
  const bytes = world.datagrams[0]?.bytes;
  assert(bytes);
  world.pass(100);
  return { world, ann, bob, bytes };
}

/** Sends the recorded offer again; tells what came of it. */
function replay({ world, ann, bob, bytes }: Recorded): {
  dials: number;
  invites: number;
  answers: number;
  longest: number;
  chats: number;
  texts: number;
} {
  const [dials, datagrams] = [world.dials.length, world.datagrams.length];
  const [invites, chats] = [bob.told("invite").length, bob.chats.length];
  for (let i = 0; i < 5; i++) {
    bob.engine.datagram(bytes, ann.address, world.now);
    world.pass(100);
  }
  const answers = world.datagrams.slice(datagrams).filter(({ from }) => from.ip === bob.ip);
  return {
    dials: world.dials.length - dials,
    invites: bob.told("invite").length - invites,
    answers: answers.length,
    longest: Math.max(0, ...answers.map(({ bytes }) => bytes.length)),
    chats: bob.chats.length - chats,
    texts: bob.told("private").length,
  };
}

/** Breaks a client's connection to the registry, and waits until it is in again. */
function reregister({ world }: Recorded, client: VirtualClient): void {
  const before = client.told("registered").length;
  client.endRegistry();
  world.pass(5_000);
  assertEquals(client.told("registered").length, before + 1);
}

/** What can happen between an offer and its repeat, in the same sessions: it is answered, and no more. */
const ANSWERED: Record<string, ["ask" | "all", (it: Recorded) => void]> = {
  "while the chat is open": ["all", ({ bob }) => assertEquals(bob.chats, ["ann open"])],
  "after the chat was closed": ["all", ({ world, bob }) => {
    bob.do({ command: "close", to: "ann" });
    world.pass(20_000);
    assertEquals(bob.chats.at(-1), "ann closed closed");
  }],
  "after the chat was closed by its sender, long ago": ["all", ({ world, ann, bob }) => {
    ann.do({ command: "close", to: "bob" });
    world.pass(1_000_000);
    assertEquals(bob.chats.at(-1), "ann closed closed");
  }],
  "after it was rejected": ["ask", ({ world, bob }) => {
    bob.do({ command: "reject", to: "ann" });
    world.pass(20_000);
  }],
  "after it has expired": ["ask", ({ world, bob }) => {
    world.pass(100_000);
    assertEquals(bob.chats, ["ann closed expired"]);
  }],
  "after its sender gave it up": ["ask", ({ world, ann, bob }) => {
    ann.do({ command: "close", to: "bob" });
    bob.do({ command: "accept", to: "ann" });
    world.pass(20_000);
    assertEquals(bob.chats, ["ann closed unreachable"]);
  }],
};

for (const [when, [accept, happen]] of Object.entries(ANSWERED)) {
  Deno.test(`an offer again, ${when}: no dial, no invite; answered as before`, () => {
    const it = recorded(accept);
    happen(it);
    const texts = it.bob.told("private").length;
    const { longest, ...effects } = replay(it);
    assertEquals(effects, { dials: 0, invites: 0, answers: 5, chats: 0, texts });
    assert(longest <= it.bytes.length, "no answer is longer than what it answers");
  });
}

const DROPPED: Record<string, [reason: string, (it: Recorded) => void]> = {
  "after both have registered anew": ["replayed", (it) => {
    it.world.setRegistry(false);
    it.world.setRegistry(true);
    it.world.pass(10_000);
    for (const client of [it.ann, it.bob]) assertEquals(client.told("registered").length, 2);
  }],
  "after its receiver has registered anew": ["wrong-target", (it) => reregister(it, it.bob)],
  "after its sender has registered anew": ["replayed", (it) => reregister(it, it.ann)],
  "after its sender has left": ["unknown-sender", (it) => {
    it.ann.do({ command: "quit" });
    it.world.pass(1_000);
  }],
  "after a newer one": ["replayed", (it) => {
    it.ann.do({ command: "start", to: "bob" });
    it.world.pass(1_000);
  }],
};

for (const [when, [reason, happen]] of Object.entries(DROPPED)) {
  for (const accept of ["ask", "all"] as const) {
    Deno.test(`an offer again, ${when} (--accept ${accept}): dropped, counted`, () => {
      const it = recorded(accept);
      if (accept === "all") it.bob.do({ command: "close", to: "ann" });
      else it.bob.do({ command: "reject", to: "ann" });
      it.world.pass(20_000);
      happen(it);
      const texts = it.bob.told("private").length;
      const before = dropped(it.bob)[reason] ?? 0;
      const effects = replay(it);
      assertEquals(effects, { dials: 0, invites: 0, answers: 0, longest: 0, chats: 0, texts });
      assertEquals((dropped(it.bob)[reason] ?? 0) - before, 5);
    });
  }
}

Deno.test("an offer to another than it is for: dropped, though its sender is right", () => {
  const it = recorded("ask");
  const carol = it.world.add("carol", { accept: "all" });
  it.world.pass(100);
  const dials = it.world.dials.length;
  carol.engine.datagram(it.bytes, it.ann.address, it.world.now);
  it.world.pass(1_000);
  assertEquals(it.world.dials.length, dials);
  assertEquals([carol.events.length, carol.connections], [1, 0], "registered, and no more");
  assertEquals(dropped(carol), { "wrong-target": 1 });
});

Deno.test("its sender has registered anew, in the middle of an offer: the next one is heard, too", () => {
  const it = recorded("ask");
  const { world, ann, bob } = it;
  for (let i = 0; i < 3; i++) {
    ann.do({ command: "close", to: "bob" });
    world.pass(100);
    ann.do({ command: "start", to: "bob" });
    world.pass(100);
  }
  ann.do({ command: "close", to: "bob" });
  world.pass(100);
  world.fate = () => undefined;
  ann.do({ command: "start", to: "bob" });
  reregister(it, ann);
  world.fate = () => 5;
  world.pass(4_000);
  bob.do({ command: "reject", to: "ann" });
  world.pass(100);
  assertEquals(ann.chats.at(-1), "bob closed rejected", "the repeat was heard in the new session");
  const invites = bob.told("invite").length;
  ann.do({ command: "start", to: "bob" });
  world.pass(1_000);
  assertEquals(dropped(bob), {}, "an offer of ours, in its place, is no replay");
  assertEquals(bob.told("invite").length, invites + 1);
});
