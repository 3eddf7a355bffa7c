/** Registries that are not the one we know, or use what is meant for another. */
import { identityOf } from "../../lib/crypto/identity.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { MemoryStore, type Store } from "../../lib/store/store.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { seedOf, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

const REAL = identityOf(new Uint8Array(32).fill(0x11), true);
const OTHER = identityOf(seedOf("another registry"), true);
const PIN = "registry/registry 1337";

function worldOf(identity = REAL): VirtualWorld {
  const world = new VirtualWorld();
  world.registryIdentity = identity;
  world.setRegistry(true);
  return world;
}

/** One run of ann at a registry; how it ended, or that she is in. */
function join(
  world: VirtualWorld,
  store: Store,
  options = {},
): [string | undefined, VirtualClient] {
  const ann = world.add("ann", { store, ...options });
  world.pass(1_000);
  return [ann.engine.outcome?.reason ?? ann.told("registered")[0]?.username, ann];
}

function errors(client: VirtualClient): string[] {
  return client.told("error").map(({ code }) => code);
}

Deno.test("the first key of a registry is kept; another one there is refused, and says what to do", () => {
  const store = new MemoryStore();
  assertEquals(join(worldOf(), store)[0], "ann");
  assertStringIncludes(store.get(PIN) ?? "", REAL.publicKey);
  const kept = store.get(PIN);
  const [reason, ann] = join(worldOf(OTHER), store);
  assertEquals(reason, "key-changed");
  assertEquals([errors(ann), ann.told("registered")], [["key-changed"], []]);
  const message = ann.told("error")[0]?.message ?? "";
  for (const part of ["another key", "set up anew", "poses", "--trust-registry"]) {
    assertStringIncludes(message, part);
  }
  assertEquals(store.get(PIN), kept);
  assertEquals(join(worldOf(), store)[0], "ann", "the first one is as welcome as before");
});

Deno.test("at another host or port it is another registry", () => {
  const store = new MemoryStore();
  assertEquals(join(worldOf(), store)[0], "ann");
  assertEquals(join(worldOf(OTHER), store, { server: "elsewhere" })[0], "ann");
  assertEquals(join(worldOf(OTHER), store, { server: "ELSEWHERE" })[0], "ann");
  assertEquals(join(worldOf(REAL), store, { server: "elsewhere" })[0], "key-changed");
});

Deno.test("trustRegistry: taken, and kept from then on", () => {
  const store = new MemoryStore();
  join(worldOf(), store);
  assertEquals(join(worldOf(OTHER), store, { trustRegistry: true })[0], "ann");
  assertEquals(join(worldOf(OTHER), store)[0], "ann");
  assertEquals(join(worldOf(), store)[0], "key-changed");
});

/** ann is in; then another registry is there in the place of the first. */
function swapped(options = {}, store: Store = new MemoryStore()): {
  world: VirtualWorld;
  ann: VirtualClient;
} {
  const world = worldOf();
  const [username, ann] = join(world, store, options);
  assertEquals(username, "ann");
  world.registryIdentity = OTHER;
  world.setRegistry(false);
  world.setRegistry(true);
  world.pass(60_000);
  return { world, ann };
}

Deno.test("another key at a reconnection: told, not gone on with, tried again until it is right", () => {
  const { world, ann } = swapped();
  const told = errors(ann);
  assertEquals(told.slice(0, 2), ["not-connected", "key-changed"]);
  assert(told.slice(1).every((code) => code === "key-changed"), `${told}`);
  assertEquals([ann.told("registered").length, ann.engine.outcome], [1, undefined]);
  assertEquals(world.registry.size, 0, "it has not got our name");
  ann.do({ command: "broadcast", text: "hello?" });
  assertEquals([errors(ann).at(-1), ann.engine.pending], ["key-changed", 1], "it waits");
  world.registryIdentity = REAL;
  world.setRegistry(false);
  world.setRegistry(true);
  world.pass(60_000);
  assertEquals(ann.told("registered").length, 2);
});

Deno.test("trustRegistry is for once: a later change in the same run is refused", () => {
  for (const known of [undefined, REAL, OTHER]) {
    const store = new MemoryStore();
    if (known) join(worldOf(known), store);
    const { ann } = swapped({ trustRegistry: true }, store);
    const label = known === REAL ? "the key was as before" : known ? "it had changed" : "first";
    assertEquals([ann.told("registered").length, errors(ann).at(-1)], [1, "key-changed"], label);
  }
});

Deno.test("a registry whose key is new each time is not kept; nor is it taken for one that is", () => {
  const store = new MemoryStore();
  for (const text of ["one run", "the next"]) {
    const world = worldOf(identityOf(seedOf(text), false));
    const bob = world.add("bob", { accept: "all" });
    const [username, ann] = join(world, store);
    assertEquals(username, "ann", text);
    ann.do({ command: "chat", to: "bob", text });
    ann.do({ command: "block", to: "carol" });
    world.pass(500);
    assertEquals(bob.told("private").length, 1);
    assertEquals(store.keys(""), [], "neither its key nor its users'");
  }
  join(worldOf(), store);
  assertEquals(join(worldOf(identityOf(seedOf("a third"), false)), store)[0], "key-changed");
  const trusting = { trustRegistry: true };
  assertEquals(join(worldOf(identityOf(seedOf("a third"), false)), store, trusting)[0], "ann");
  assertEquals(store.get(PIN), undefined, "what our user no longer believes is not kept, either");
});

const DAMAGED: Record<string, string> = {
  "empty": "",
  "no JSON": "{",
  "null": "null",
  "a number": "5",
  "a list": "[]",
  "a key that is none": `{"v":1,"key":"abc"}`,
  "a key in capitals": `{"v":1,"key":"${REAL.publicKey.toUpperCase()}"}`,
  "no key": `{"v":1}`,
  "of a later version": `{"v":2,"key":"${REAL.publicKey}"}`,
  "the key alone": REAL.publicKey,
};
for (const [what, value] of Object.entries(DAMAGED)) {
  Deno.test(`a stored registry key that is ${what} equals none: refused, until our user says so`, () => {
    const store = new MemoryStore();
    store.set(PIN, value);
    assertEquals(join(worldOf(), store)[0], "key-changed");
    assertEquals(store.get(PIN), value);
    assertEquals(join(worldOf(), store, { trustRegistry: true })[0], "ann");
    assertEquals(join(worldOf(), store)[0], "ann");
  });
}

Deno.test("two registries, the same names, other keys: no warning, nobody known at the other", () => {
  const store = new MemoryStore();
  const worlds = [["here", REAL], ["there", OTHER]] as const;
  for (const [server, identity] of [...worlds, ...worlds]) {
    const first = store.keys(`pin/${identity.publicKey}/`).length === 0;
    const world = worldOf(identity);
    const bob = identityOf(seedOf(`bob ${server}`), true);
    world.add("bob", { accept: "all", identity: bob });
    world.pass(100);
    const [, ann] = join(world, store, { server });
    ann.do({ command: "peers" });
    const [peer] = ann.told("peers")[0]?.peers ?? [];
    assertEquals([peer?.trust, errors(ann)], [first ? "new" : "known", []], server);
    ann.do({ command: "start", to: "bob" });
    world.pass(200);
    assertEquals(ann.chats, ["bob open"]);
  }
});

/** What a client sends to its registry, as text. */
function sentBy(client: VirtualClient): string[] {
  const sent: string[] = [];
  const send = client.sendRegistry.bind(client);
  client.sendRegistry = (bytes) => {
    sent.push(new TextDecoder().decode(bytes.subarray(4)));
    send(bytes);
  };
  return sent;
}

/** Speaks to the world's registry by hand. */
function byHand(world: VirtualWorld): { say(payload: string): string[] } {
  const heard: string[] = [];
  const up = world.toRegistry("10.6.6.6", {
    deliver: (bytes) => void heard.push(new TextDecoder().decode(bytes)),
    end: () => void heard.push("(closed)"),
  });
  return {
    say: (payload) => {
      up?.deliver(encodeFrame(payload));
      world.pass(100);
      return heard.splice(0).map((text) => text.replace(/^[^A-Z(]*/, ""));
    },
  };
}

Deno.test("what a client proves to one registry is worth nothing at another, nor a second time", () => {
  for (const evil of [OTHER, REAL]) {
    const world = worldOf();
    world.openRegistry("eve's", evil);
    const eve = byHand(world);
    const ann = world.add("ann", { registryHost: "eve's" });
    const sent = sentBy(ann);
    const nonces: string[] = [];
    world.rewrite = (payload) => {
      if (!payload.startsWith("CAPS") || nonces.length > 0) return [];
      // eve hands our nonce on, and gives the real registry's nonce as her own.
      const [, , clientNonce = ""] = sent[0]?.split(":") ?? [];
      const [, , nonce = ""] = eve.say(`CAPS:1:${clientNonce}:keys`)[0]?.split(":") ?? [];
      nonces.push(nonce);
      const signature = evil.sign("confab-registry-v1", [clientNonce, nonce, "keys"]);
      return [`CAPS:1:${nonce}:${evil.publicKey}:${signature}:keys`];
    };
    world.pass(1_000);
    const claim = sent.find((payload) => payload.startsWith("IDENTITY")) ?? "";
    const good = eve.say(claim);
    const again = byHand(world);
    again.say(`CAPS:1:${"0".repeat(32)}:keys`);
    assertStringIncludes(again.say(claim)[0] ?? "", "bad-proof");
    const roster = eve.say("REGISTER:ann:10.6.6.6:9")[0] ?? "";
    if (evil === REAL) {
      // The way itself works: with the registry's own key, eve would be ann there.
      assertEquals([good, roster.includes(claim.split(":")[2] ?? "none")], [[], true]);
    } else {
      assertStringIncludes(good[0] ?? "", "bad-proof");
      assertStringIncludes(roster, "bad-proof", "nor is eve let in as an ann without a key");
    }
  }
});

Deno.test("a challenge answered for another connection, or with another key's signature: refused", () => {
  const recorded: string[] = [];
  const world = worldOf();
  world.rewrite = (payload) => {
    if (payload.startsWith("CAPS")) recorded.push(payload);
    return [payload];
  };
  assertEquals(join(world, new MemoryStore())[0], "ann");
  const [caps = ""] = recorded;
  const changes: Record<string, (now: string) => string> = {
    "of another connection": () => caps,
    "with another nonce": (now) => now.replace(/^CAPS:1:.{32}/, `CAPS:1:${"0".repeat(32)}`),
    "with another key": (now) => now.replace(REAL.publicKey, OTHER.publicKey),
    "with more than was signed": (now) => `${now},ephemeral`,
  };
  for (const [what, change] of Object.entries(changes)) {
    const world = worldOf();
    world.rewrite = (payload) => [payload.startsWith("CAPS") ? change(payload) : payload];
    const store = new MemoryStore();
    const [reason, ann] = join(world, store, { ip: "10.0.0.50" });
    assertEquals([reason, ann.told("registered"), store.keys("")], ["bad-proof", [], []], what);
    assertEquals(world.registry.size, 0, what);
  }
});

Deno.test("a proof that is refused is the end of it: we do not go in without our key", () => {
  const world = worldOf();
  const bob = world.add("bob");
  const ann = world.add("ann");
  const send = ann.sendRegistry.bind(ann);
  ann.sendRegistry = (bytes) => {
    const text = new TextDecoder().decode(bytes);
    if (!text.includes("IDENTITY")) return send(bytes);
    send(bytes.map((byte, at) => at < bytes.length - 1 ? byte : byte === 0x30 ? 0x31 : 0x30));
  };
  world.pass(60_000);
  assertEquals(ann.told("registered"), []);
  assertEquals(ann.engine.outcome?.reason, "bad-proof");
  assertEquals(bob.told("join").length <= 1, true, "not again and again");
});

Deno.test("a registry cannot make us somebody else: only our name, or it with a number", () => {
  for (const given of ["carol", "an", "ann~", "ann~2x", "bob~2"]) {
    const world = worldOf();
    world.rewrite = (payload) => [payload.replace(/^ROSTER:0:ann:/, `ROSTER:0:${given}:`)];
    const [, ann] = join(world, new MemoryStore());
    assertEquals(ann.told("registered").map(({ username }) => username), [], given);
  }
});
