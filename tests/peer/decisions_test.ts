/** What our user decides is about the key that was shown. */
import { identityOf } from "../../lib/crypto/identity.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { seedOf, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

/** ann, and somebody called bob with a key of one run, who can be replaced. */
function guests(): { world: VirtualWorld; ann: VirtualClient; next: (seed: string) => void } {
  const world = new VirtualWorld();
  const ann = world.add("ann");
  world.pass(100);
  let bob: VirtualClient | undefined;
  const next = (seed: string): void => {
    bob?.do({ command: "quit" });
    world.pass(100);
    bob = world.add("bob", { accept: "all", identity: identityOf(seedOf(seed), false) });
    world.pass(100);
  };
  next("one");
  return { world, ann, next };
}

Deno.test("verified is about the number that was shown: another key since then is refused", () => {
  const { ann, next } = guests();
  ann.do({ command: "verify", to: "bob" });
  next("another");
  ann.do({ command: "verified", to: "bob" });
  assertEquals(ann.told("error").at(-1)?.code, "key-changed");
  ann.do({ command: "peers" });
  assertEquals(ann.told("peers").at(-1)?.peers[0]?.trust, "new");
});

Deno.test("trust is about the key that was told: one that has changed once more is told first", () => {
  const { world, ann, next } = guests();
  ann.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(200);
  next("another");
  const told = ann.told("error").length;
  assertEquals(ann.told("error").at(-1)?.code, "key-changed");
  // Nobody sees the third one's key before the decision.
  const trust = (): void => ann.do({ command: "trust", to: "bob" });
  next("a third");
  assertEquals(ann.told("error").length, told + 1, "told of the third, too");
  trust();
  assertEquals(ann.told("trust").at(-1)?.trust, "known");
});

Deno.test("whether a key lasts is the peer's own word, not the registry's", () => {
  const world = new VirtualWorld();
  const store = new MemoryStore();
  world.rewrite = (payload, to) => {
    if (to !== "ann") return [payload];
    return [payload.replace(/^(JOINED:\d+:bob:.*:)([0-9a-f]{64})$/, "$1~$2")];
  };
  const ann = world.add("ann", { store });
  world.pass(100);
  world.add("bob", { accept: "all" });
  world.pass(100);
  assertEquals(ann.engine.peers[0]?.key?.kept, false, "the registry lies");
  ann.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(500);
  assertEquals(store.keys("pin/").length, 1);
});

Deno.test("names that look alike cost little, however many come", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann");
  world.pass(100);
  for (let i = 0; i < 200; i++) {
    const name = Array.from(
      "illilliillilil",
      (letter, at) => (i >> at) & 1 ? letter.toUpperCase() : letter,
    ).join("");
    const session = i.toString(16).padStart(16, "0");
    ann.engine.registryReceived(frame(`JOINED:2:${name}:192.0.2.7:1:${session}:-`), world.now);
    ann.engine.registryReceived(frame(`LEFT:2:${session}`), world.now);
  }
  ann.engine.registryReceived(
    frame("JOINED:2:lllilliillilil:192.0.2.7:1:" + "0".repeat(16) + ":-"),
    world.now,
  );
  const flagged = ann.events.flatMap((event) => "looksLike" in event ? [event.username] : []);
  assertEquals(flagged, ["lllilliillilil"], "the others are one name in many cases");
});

Deno.test("a key blocked under another name is unblocked by either name", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann");
  const identity = identityOf(seedOf("rob"), false);
  const rob = world.add("rob", { identity });
  world.pass(100);
  ann.do({ command: "block", to: "rob" });
  rob.do({ command: "quit" });
  world.pass(100);
  world.add("tom", { identity, accept: "all" });
  world.pass(100);
  ann.do({ command: "chat", to: "tom", text: "hello" });
  const refusal = ann.told("error").at(-1);
  assert(refusal);
  assertStringIncludes(refusal.message, "/unblock tom");
  ann.do({ command: "unblock", to: "tom" });
  ann.do({ command: "chat", to: "tom", text: "hello" });
  world.pass(500);
  assertEquals(ann.chats, ["tom open"]);
});

Deno.test("peers looks, and remembers nothing", () => {
  const world = new VirtualWorld();
  const store = new MemoryStore();
  const ann = world.add("ann", { store });
  world.add("bob", { accept: "all" });
  world.pass(100);
  ann.do({ command: "forget", to: "bob" });
  ann.do({ command: "peers" });
  ann.do({ command: "forget", to: "bob" });
  assertEquals(ann.told("error").at(-1)?.code, "bad-command");
});

function frame(payload: string): Uint8Array {
  const bytes = new TextEncoder().encode(payload);
  return Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff, ...bytes);
}

Deno.test("peers tells of an open chat how it travels, and of none nothing", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann", {});
  world.add("bob", { accept: "all" });
  world.pass(100);
  const told = () => {
    ann.do({ command: "peers" });
    const { session, path, encrypted } = ann.told("peers").at(-1)?.peers[0] ?? {};
    return [session, path, encrypted];
  };
  assertEquals(told(), ["none", undefined, undefined]);
  ann.do({ command: "start", to: "bob" });
  world.pass(2_000);
  const isEncrypted = ann.told("session").at(-1)?.encrypted;
  assertEquals(told(), ["open", "direct", isEncrypted]);
});
