/** Bytes offered and taken, in a whole world without sockets: who gets them, and who does not. */
import { identityOf } from "../../lib/crypto/identity.ts";
import type { PipeEnd, PipeTask } from "../../lib/peer/pipe_task.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { changedOffer, dropped, signedOffer } from "../support/signed_offers.ts";
import { seedOf, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

/** What one end of a pipe told. */
class Told {
  readonly opened: string[] = [];
  readonly ends: PipeEnd[] = [];
  taken = "";
  complete = 0;

  task(direction: PipeTask["direction"], peer: string, waitMs = 60_000): PipeTask {
    return {
      ...{ direction, peer, waitMs },
      handler: {
        opened: (name) => void this.opened.push(name),
        bytes: (bytes) => void (this.taken += new TextDecoder().decode(bytes)),
        complete: () => void this.complete++,
        writable: () => {},
        ended: (end) => void this.ends.push(end),
      },
    };
  }

  get reasons(): string[] {
    return this.ends.map(({ reason }) => reason);
  }
}

/** ann, who sends, and what she told. */
function sender(world: VirtualWorld, to = "bob", waitMs = 60_000) {
  const told = new Told();
  const client = world.add("ann", { accept: "none", pipe: told.task("send", to, waitMs) });
  return { client, told };
}

/** A program that takes bytes of somebody. */
function receiver(
  world: VirtualWorld,
  { name = "bob", from = "ann", waitMs = 60_000, store = new MemoryStore() } = {},
) {
  const told = new Told();
  const pipe = told.task("receive", from, waitMs);
  return { client: world.add(name, { accept: "none", pipe, store }), told };
}

function say(client: VirtualClient, text: string): void {
  const { offering } = client.engine.pipes;
  assert(offering);
  const bytes = new TextEncoder().encode(text);
  offering.room.set(bytes);
  offering.filled(bytes.length);
}

/** All of `text` from one to the other, to the end. */
function transfer(world: VirtualWorld, from: VirtualClient, to: VirtualClient, text: string): void {
  say(from, text);
  from.engine.pipes.offering?.finish();
  world.pass(100);
  to.engine.pipes.taking?.delivered();
  world.pass(100);
}

for (const first of ["sender", "receiver"] as const) {
  Deno.test(`the ${first} is there first: the bytes get through, and no chat opens`, () => {
    const world = new VirtualWorld();
    const make = { sender: () => sender(world), receiver: () => receiver(world) };
    const one = make[first]();
    world.pass(5_000);
    const other = make[first === "sender" ? "receiver" : "sender"]();
    world.pass(500);
    const [ann, bob] = first === "sender" ? [one, other] : [other, one];
    assertEquals([ann.told.opened, bob.told.opened], [["bob"], ["ann"]]);
    transfer(world, ann.client, bob.client, "some bytes");
    assertEquals([bob.told.taken, bob.told.complete], ["some bytes", 1]);
    assertEquals([ann.told.reasons, bob.told.reasons], [["done"], ["done"]]);
    assertEquals([...ann.client.chats, ...bob.client.chats], []);
    assertEquals([ann.client.listening, ann.client.connections], [0, 0], "nothing stays open");
  });
}

for (const accept of ["ask", "known", "all"] as const) {
  Deno.test(`an interactive session, --accept ${accept}, is told once and takes nothing`, () => {
    const world = new VirtualWorld();
    const bob = world.add("bob", { accept });
    world.pass(100);
    const ann = sender(world, "bob", 30_000);
    world.pass(31_000);
    assertEquals(bob.told("invite"), [{ event: "invite", from: "ann", for: "pipe" }]);
    assertEquals([ann.told.reasons, ann.told.opened], [["timeout"], []]);
    assertEquals([bob.chats, bob.connections, world.dials.length], [[], 0, 0]);
  });
}

Deno.test("--accept none: not even told; nor is it answered", () => {
  const world = new VirtualWorld();
  const bob = world.add("bob", { accept: "none" });
  world.pass(100);
  sender(world, "bob", 30_000);
  world.pass(31_000);
  assertEquals([bob.told("invite"), world.dials.length], [[], 0]);
  assertEquals(world.datagrams.filter(({ from }) => from.ip === bob.ip), []);
});

Deno.test("an interactive session's /reject ends it; its /accept says what to run", () => {
  const world = new VirtualWorld();
  const bob = world.add("bob");
  world.pass(100);
  const ann = sender(world);
  world.pass(500);
  bob.do({ command: "accept", to: "ann" });
  assert(bob.told("error").at(-1)?.message.includes("confab-client pipe --from ann"));
  assertEquals(ann.told.ends, []);
  bob.do({ command: "reject", to: "ann" });
  world.pass(500);
  assertEquals(ann.told.reasons, ["rejected"]);
});

Deno.test("bob in a chat and bob~2 for bytes: the second gets them, the chat goes on", () => {
  const world = new VirtualWorld();
  const bob = world.add("bob", { accept: "all" });
  const eve = world.add("eve");
  world.pass(100);
  eve.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(500);
  const ann = sender(world);
  world.pass(1_000);
  const second = receiver(world);
  world.pass(2_000);
  assertEquals(ann.told.opened, ["bob~2"]);
  transfer(world, ann.client, second.client, "for the program");
  assertEquals([second.told.taken, ann.told.reasons], ["for the program", ["done"]]);
  eve.do({ command: "chat", to: "bob", text: "still here?" });
  world.pass(500);
  assertEquals(bob.told("private").map(({ text }) => text), ["hello", "still here?"]);
});

Deno.test("only who was named gets in: eve's bytes are not for a receiver from ann", () => {
  const world = new VirtualWorld();
  const bob = receiver(world);
  world.pass(100);
  const told = new Told();
  world.add("eve", { accept: "none", pipe: told.task("send", "bob", 20_000) });
  world.pass(21_000);
  assertEquals([told.reasons, bob.told.opened, world.dials.length], [["timeout"], [], 0]);
});

Deno.test("two receivers at once: one gets all, the other goes without a byte", () => {
  const world = new VirtualWorld();
  const one = receiver(world);
  const two = receiver(world);
  world.pass(2_000);
  const ann = sender(world);
  world.pass(2_000);
  assertEquals(ann.told.opened.length, 1);
  const [winner, loser] = one.told.opened.length > 0 ? [one, two] : [two, one];
  transfer(world, ann.client, winner.client, "once");
  assertEquals([winner.told.taken, loser.told.taken], ["once", ""]);
  assertEquals([ann.told.reasons, winner.told.reasons], [["done"], ["done"]]);
  world.pass(61_000);
  assertEquals(loser.told.ends.map(({ wasOpen }) => wasOpen), [false]);
});

Deno.test("one receiver, two senders of the name: one pipe only", () => {
  const world = new VirtualWorld();
  const one = sender(world);
  const two = sender(world);
  world.pass(2_000);
  const bob = receiver(world);
  world.pass(2_000);
  assertEquals(bob.told.opened.length, 1);
  const [chosen, other] = one.told.opened.length > 0 ? [one, two] : [two, one];
  transfer(world, chosen.client, bob.client, "mine");
  assertEquals([bob.told.taken, bob.told.reasons], ["mine", ["done"]]);
  world.pass(61_000);
  assertEquals(other.told.reasons, ["timeout"]);
});

Deno.test("a chat offered both ways meanwhile: each gets what it is for", () => {
  const world = new VirtualWorld();
  const chatty = world.add("bob");
  world.pass(100);
  const bob = receiver(world);
  world.pass(2_000);
  const eve = world.add("ann", { accept: "all" });
  world.pass(100);
  const ann = sender(world);
  chatty.do({ command: "start", to: "ann" });
  eve.do({ command: "start", to: "bob" });
  world.pass(3_000);
  assertEquals([chatty.chats, eve.chats], [["ann open"], ["bob open"]]);
  transfer(world, ann.client, bob.client, "bytes");
  assertEquals([bob.told.taken, bob.told.reasons], ["bytes", ["done"]]);
});

Deno.test("an offer of bytes made one of a chat on the way: the signature is wrong, nobody is asked", () => {
  for (const repeated of [false, true]) {
    const world = new VirtualWorld();
    const bob = world.add("bob", { accept: "all" });
    world.pass(100);
    // Either the first that bob sees of it, or after the true one, whose signature it has.
    if (!repeated) world.fate = () => undefined;
    sender(world);
    world.pass(200);
    const sent = world.datagrams.find(({ from }) => from.ip !== bob.ip);
    assert(sent);
    assertEquals(JSON.parse(new TextDecoder().decode(sent.bytes)).for, "pipe");
    assertEquals(bob.told("invite").length, repeated ? 1 : 0);
    for (const purpose of [undefined, "chat", null, ""]) {
      const changed = changedOffer(sent.bytes, { for: purpose });
      bob.engine.datagram(changed, sent.from, world.now);
    }
    world.pass(1_000);
    assertEquals([bob.chats, world.dials.length], [[], 0]);
    assertEquals(dropped(bob), { "bad-signature": 1, malformed: 3 });
  }
});

Deno.test("an offer of a chat made one of bytes on the way: the signature is wrong, nobody dials", () => {
  const world = new VirtualWorld();
  const bob = receiver(world);
  const ann = world.add("ann");
  world.pass(100);
  const changed = changedOffer(signedOffer(world, ann, bob.client), { for: "pipe" });
  bob.client.engine.datagram(changed, ann.address, world.now);
  world.pass(1_000);
  assertEquals([world.dials.length, bob.told.opened], [0, []]);
  assertEquals(dropped(bob.client), { "bad-signature": 1 });
});

for (const side of ["sender", "receiver"] as const) {
  Deno.test(`the key of the other one has changed: the ${side} refuses, at once`, () => {
    const world = new VirtualWorld();
    const store = new MemoryStore();
    const before = world.add("eve", { store });
    const peer = world.add(side === "sender" ? "bob" : "ann", { accept: "all" });
    world.pass(100);
    before.do({ command: "chat", to: peer.name, text: "hello" });
    world.pass(500);
    peer.do({ command: "quit" });
    before.do({ command: "quit" });
    world.pass(500);
    world.forgetNames();
    world.pass(1_000);
    const told = new Told();
    const direction = side === "sender" ? "send" : "receive";
    world.add("cid", { accept: "none", store, pipe: told.task(direction, peer.name) });
    world.pass(500);
    const other = new Told();
    world.add(peer.name, {
      accept: "none",
      identity: identityOf(seedOf("somebody else"), true),
      pipe: other.task(side === "sender" ? "receive" : "send", "cid", 20_000),
    });
    world.pass(21_000);
    assertEquals([told.reasons, told.opened, told.taken], [["key-changed"], [], ""]);
    assertEquals(other.opened, []);
  });
}

Deno.test("cut in the middle: both are told, with how much; it is never done", () => {
  const world = new VirtualWorld();
  const ann = sender(world);
  const bob = receiver(world);
  world.pass(2_000);
  say(ann.client, "0123456789");
  world.pass(100);
  // As both systems tell it when the wire is cut; there is one link.
  for (const { client } of [ann, bob]) client.engine.linkEnded(1, world.now);
  assertEquals([ann.told.reasons, bob.told.reasons], [["lost"], ["lost"]]);
  assertEquals(bob.told.ends.map(({ total, wasOpen }) => [total, wasOpen]), [[10, true]]);
});

Deno.test("one stops it: the other hears that, and nothing stays behind", () => {
  for (const stops of ["sender", "receiver"] as const) {
    const world = new VirtualWorld();
    const ann = sender(world);
    const bob = receiver(world);
    world.pass(2_000);
    say(ann.client, "0123456789");
    world.pass(100);
    const { offering } = ann.client.engine.pipes;
    if (stops === "sender") offering?.cancel("quit");
    else bob.client.engine.pipes.taking?.cancel("output-closed");
    world.pass(500);
    const reason = stops === "sender" ? "quit" : "output-closed";
    assertEquals([ann.told.reasons, bob.told.reasons], [[reason], [reason]]);
    assertEquals([ann.client.connections, bob.client.connections], [0, 0]);
  }
});

Deno.test("nobody comes: both give up after the time that was said, and not before", () => {
  for (const make of [sender, receiver]) {
    const world = new VirtualWorld();
    const { told } = make === sender
      ? sender(world, "bob", 30_000)
      : receiver(world, { waitMs: 30_000 });
    world.pass(29_000);
    assertEquals(told.ends, []);
    world.pass(2_000);
    assertEquals(told.ends.map(({ reason, wasOpen }) => [reason, wasOpen]), [["timeout", false]]);
  }
});

Deno.test("the registry goes away during a pipe: the bytes do not care", () => {
  const world = new VirtualWorld();
  const ann = sender(world);
  const bob = receiver(world);
  world.pass(2_000);
  say(ann.client, "before ");
  world.pass(100);
  world.setRegistry(false);
  world.pass(30_000);
  transfer(world, ann.client, bob.client, "after");
  assertEquals([bob.told.taken, bob.told.reasons], ["before after", ["done"]]);
});

Deno.test("every second datagram is lost: the bytes get through all the same", () => {
  const world = new VirtualWorld();
  let count = 0;
  world.fate = () => ++count % 2 === 0 ? 1 : undefined;
  const ann = sender(world);
  world.pass(1_000);
  const bob = receiver(world);
  world.pass(10_000);
  transfer(world, ann.client, bob.client, "x");
  assertEquals([ann.told.reasons, bob.told.reasons], [["done"], ["done"]]);
});
