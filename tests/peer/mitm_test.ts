/** Somebody between two users, who can read and change all that goes either way, and has keys of their own. */
import { identityOf } from "../../lib/crypto/identity.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";
import { MemoryStore, type Store } from "../../lib/store/store.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../support/assert.ts";
import { type Role, SealedSide } from "../support/sealed_pair.ts";
import {
  type Pipe,
  seedOf,
  type VirtualClient,
  type VirtualClientOptions,
  VirtualWorld,
} from "../support/virtual_world.ts";

const EVE_IP = "10.6.6.6";
const EVE = identityOf(seedOf("eve"), true);
const SAFETY_NUMBER = /^([0-9]{5} ){11}[0-9]{5}$/;
const SECRET = "meet me at the old mill";

function texts(client: VirtualClient): string[] {
  return client.told("private").map(({ text }) => text);
}

function codes(client: VirtualClient): string[] {
  return client.told("error").map(({ code }) => code);
}

function numberOf(client: VirtualClient, peer: string): string {
  client.do({ command: "verify", to: peer });
  return client.told("trust").at(-1)?.safetyNumber ?? "none";
}

/** Bytes as an attacker would search them. */
function readable(bytes: readonly Uint8Array[]): string {
  return bytes.map((part) => new TextDecoder().decode(part)).join("\n");
}

/**
 * A registry that shows ann and bob, instead of each other, an attacker who has a room for each and carries
 * texts from one to the other.
 */
function betray(world: VirtualWorld, stores: { ann?: Store; bob?: Store } = {}): {
  ann: VirtualClient;
  bob: VirtualClient;
  fakes: VirtualClient[];
} {
  world.openRegistry("ann's");
  world.openRegistry("bob's");
  const join = (
    name: string,
    registryHost: string,
    options: Partial<VirtualClientOptions>,
  ): VirtualClient => world.add(name, { registryHost, accept: "all", ...options });
  const fakeBob = join("bob", "ann's", { ip: EVE_IP, identity: EVE });
  const fakeAnn = join("ann", "bob's", { ip: EVE_IP, identity: EVE });
  const carry = (from: VirtualClient, by: VirtualClient, to: string): void => {
    const emit = from.emit.bind(from);
    from.emit = (event) => {
      emit(event);
      if (event.event === "private") by.do({ command: "chat", to, text: event.text });
    };
  };
  carry(fakeBob, fakeAnn, "bob");
  carry(fakeAnn, fakeBob, "ann");
  world.pass(100);
  const ann = join("ann", "ann's", { ip: "10.0.0.1", ...(stores.ann && { store: stores.ann }) });
  const bob = join("bob", "bob's", { ip: "10.0.0.2", ...(stores.bob && { store: stores.bob }) });
  world.pass(100);
  return { ann, bob, fakes: [fakeBob, fakeAnn] };
}

Deno.test("nobody between: the safety number is the same at both ends, 60 digits in fives", () => {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob", { accept: "all" })];
  world.pass(100);
  const [anns, bobs] = [numberOf(ann, "bob"), numberOf(bob, "ann")];
  assertMatch(anns, SAFETY_NUMBER);
  assertEquals(anns, bobs);
  ann.do({ command: "chat", to: "bob", text: SECRET });
  world.pass(200);
  assertEquals(texts(bob), [SECRET]);
  assertEquals([numberOf(ann, "bob"), numberOf(bob, "ann")], [anns, anns]);
});

Deno.test("between two who have never met: the chat works, and the safety numbers tell", () => {
  const world = new VirtualWorld();
  const { ann, bob, fakes: [fakeBob, fakeAnn] } = betray(world);
  ann.do({ command: "chat", to: "bob", text: SECRET });
  world.pass(500);
  bob.do({ command: "chat", to: "ann", text: "at noon" });
  world.pass(500);
  assertEquals([texts(bob), texts(ann)], [[SECRET], ["at noon"]], "the attack is on");
  assertEquals([texts(fakeBob ?? ann), texts(fakeAnn ?? ann)], [[SECRET], ["at noon"]]);
  const [anns, bobs] = [numberOf(ann, "bob"), numberOf(bob, "ann")];
  assertMatch(anns, SAFETY_NUMBER);
  assertMatch(bobs, SAFETY_NUMBER);
  assertNotEquals(anns, bobs);
  // Not even one half of it is the same: each end shows its own key and the attacker's.
  const halves = (number: string): string[] => [number.slice(0, 35), number.slice(36)];
  assertEquals(halves(anns).filter((half) => halves(bobs).includes(half)).length, 1);
  assertEquals([...ann.told("session"), ...bob.told("session")].map((s) => s.verified), [
    false,
    false,
  ]);
});

for (const first of ["ann", "bob"] as const) {
  Deno.test(`between two who have met, ${first} begins: blocked at both ends, nothing is said`, () => {
    const world = new VirtualWorld();
    const stores = { ann: new MemoryStore(), bob: new MemoryStore() };
    const before = [
      world.add("ann", { store: stores.ann, ip: "10.0.0.1" }),
      world.add("bob", { store: stores.bob, ip: "10.0.0.2", accept: "all" }),
    ] as const;
    world.pass(100);
    before[0].do({ command: "chat", to: "bob", text: "hello" });
    world.pass(200);
    assertEquals(texts(before[1]), ["hello"]);
    for (const client of before) client.do({ command: "quit" });
    world.pass(100);
    const [dials, datagrams] = [world.dials.length, world.datagrams.length];
    const wire: Uint8Array[] = [];
    world.tap = (bytes) => {
      wire.push(bytes);
      return [bytes];
    };
    const { ann, bob, fakes } = betray(world, stores);
    assertEquals([codes(ann), codes(bob)], [["key-changed"], ["key-changed"]]);
    const beginner = first === "ann" ? ann : bob;
    const peer = first === "ann" ? "bob" : "ann";
    beginner.do({ command: "chat", to: peer, text: SECRET });
    beginner.do({ command: "start", to: peer });
    for (const fake of fakes) fake.do({ command: "chat", to: first, text: "it is me" });
    world.pass(30_000);
    beginner.do({ command: "accept", to: peer });
    world.pass(30_000);
    for (const client of [ann, bob]) {
      assertEquals([client.told("invite"), client.told("session"), texts(client)], [[], [], []]);
    }
    assertEquals(codes(beginner), ["key-changed", "key-changed", "key-changed", "bad-command"]);
    assertEquals(fakes.flatMap(texts), []);
    assertEquals(world.dials.length, dials);
    const ours = world.datagrams.slice(datagrams).filter(({ from }) => from.ip !== EVE_IP);
    assertEquals([ours, wire], [[], []]);
  });
}

/** A registry that gives all as it is, but sends both to an attacker's address. */
function detour(): { world: VirtualWorld; ann: VirtualClient; bob: VirtualClient } {
  const world = new VirtualWorld();
  const add = (name: string): VirtualClient => world.add(name, { accept: "all" });
  const [ann, bob] = [add("ann"), add("bob")];
  world.rewrite = (payload, to) => {
    const other = to === "ann" ? bob : ann;
    if (!/^(ROSTER|JOINED)/.test(payload)) return [payload];
    return [
      payload.replaceAll(
        `:${other.ip}:${other.address.port}:`,
        `:${EVE_IP}:${other.address.port}:`,
      ),
    ];
  };
  world.pass(100);
  for (const [from, to] of [[ann, bob], [bob, ann]] as const) {
    world.udp.set(`${EVE_IP} ${to.address.port}`, (bytes) => {
      const eve = { ip: EVE_IP, port: from.address.port };
      world.after(5, () => world.udp.get(`${to.ip} ${to.address.port}`)?.(bytes, eve));
    });
  }
  assertEquals(ann.engine.peers.map(({ ip }) => ip), [EVE_IP]);
  return { world, ann, bob };
}

/** The port that `of` offered, as whoever carries datagrams can read it. */
function offered(world: VirtualWorld, of: VirtualClient): { port: number; offer: string } {
  const all = world.datagrams.filter(({ from }) => from.ip === of.ip);
  const { "tcp_port": port, offer } = JSON.parse(new TextDecoder().decode(all.at(-1)?.bytes));
  return { port, offer };
}

for (const harm of [false, true]) {
  Deno.test(`an attacker who carries all bytes${harm ? ", and then changes one" : ""}`, () => {
    const { world, ann, bob } = detour();
    const seen: Uint8Array[] = [];
    let changing = false;
    const spy = (pipe: Pipe): Pipe => ({
      deliver: (bytes) => {
        const last = bytes.length - 1;
        seen.push(bytes);
        const changed = changing ? bytes.map((b, i) => i === last ? b ^ 1 : b) : bytes;
        pipe.deliver(changed);
      },
      end: () => pipe.end(),
    });
    ann.do({ command: "chat", to: "bob", text: SECRET });
    const { port } = offered(world, ann);
    world.tcp.set(`${EVE_IP} ${port}`, (_, back) => {
      const accept = world.tcp.get(`${ann.ip} ${port}`);
      const up = accept?.({ ip: EVE_IP, port: 1 }, spy(back));
      return spy(up ?? { deliver: () => {}, end: () => {} });
    });
    world.pass(500);
    bob.do({ command: "chat", to: "ann", text: "at noon" });
    world.pass(500);
    assertEquals([texts(bob), texts(ann)], [[SECRET], ["at noon"]]);
    assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]]);
    assertEquals(numberOf(ann, "bob"), numberOf(bob, "ann"));
    assert(seen.length >= 6, "all of it went through the attacker's hands");
    for (const plain of [SECRET, "at noon", "TEXT", "IDENTITY", ann.name, bob.name]) {
      assert(!readable(seen).includes(plain), plain);
    }
    if (!harm) return;
    changing = true;
    ann.do({ command: "chat", to: "bob", text: "changed" });
    world.pass(20);
    changing = false;
    ann.do({ command: "chat", to: "bob", text: "after" });
    world.pass(20);
    assertEquals(texts(bob), [SECRET]);
    assertEquals(bob.chats.slice(0, 2), ["ann open", "ann closed bad-tag"]);
    assertEquals(ann.chats.slice(0, 2), ["bob open", "bob closed bad-tag"]);
  });
}

/** What an attacker makes of a link of `role`, under `name`. */
function impostor(role: Role, name: string, victim: VirtualClient, offer: string): SealedSide {
  return new SealedSide(role, {
    ...{ self: name, identity: EVE, offer, peer: victim.name },
    peerKey: identityOf(seedOf(victim.name), true).publicKey,
    staticKey: keyPair(seedOf("eve's static")),
    ephemeral: keyPair(seedOf("eve's ephemeral")),
  });
}

/** Connects a machine to a pipe. */
function attach(side: SealedSide, pipe: () => Pipe | undefined): Pipe {
  return {
    deliver: (bytes) => {
      side.chat.receive(bytes);
      for (const frame of side.take()) pipe()?.deliver(frame);
    },
    end: () => {},
  };
}

for (const name of ["bob", "eve"]) {
  Deno.test(`an attacker dials the port of an offer, as ${name}, with keys of their own`, () => {
    const world = new VirtualWorld();
    const [ann, bob] = [world.add("ann"), world.add("bob", { accept: "all" })];
    world.pass(100);
    world.fate = () => undefined;
    ann.do({ command: "chat", to: "bob", text: SECRET });
    const { port, offer } = offered(world, ann);
    const eve = impostor("dialler", name, ann, offer);
    const accept = world.tcp.get(`${ann.ip} ${port}`);
    const up: Pipe | undefined = accept?.(
      { ip: bob.ip, port: 1 },
      world.later(attach(eve, () => up)),
    );
    for (const frame of eve.take()) up?.deliver(frame);
    // As eve she does not get so far as to be refused: then it is her time that is over.
    world.pass(5_100);
    assertEquals([eve.opened, ann.chats, ann.connections], [0, [], 0]);
    world.fate = () => 5;
    world.pass(4_000);
    assertEquals([texts(bob), ann.chats], [[SECRET], ["bob open"]], "the offer is still bob's");
  });
}

Deno.test("an attacker answers in the place of the one who offered, with keys of their own", () => {
  for (const name of ["ann", "eve"]) {
    const world = new VirtualWorld();
    const [ann, bob] = [world.add("ann"), world.add("bob")];
    world.pass(100);
    ann.do({ command: "start", to: "bob" });
    world.pass(20);
    const { port, offer } = offered(world, ann);
    const eve = impostor("listener", name, bob, offer);
    world.tcp.set(`${ann.ip} ${port}`, (_, back) => attach(eve, () => back));
    bob.do({ command: "chat", to: "ann", text: SECRET });
    world.pass(1_000);
    assertEquals([eve.opened, eve.texts], [0, []], name);
    assertEquals(bob.chats, ["ann closed bad-tag"]);
    assertEquals([bob.connections, codes(bob)], [0, ["no-answer"]]);
  }
});
