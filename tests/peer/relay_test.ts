/** Private chats that go through the registry, in a virtual network: what is tried, what is told, what is seen. */
import { RELAY_AFTER_MS } from "../../lib/peer/limits.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import {
  type VirtualClient,
  type VirtualClientOptions,
  VirtualWorld,
} from "../support/virtual_world.ts";

const SEED = seedOfRun();

interface Pair {
  readonly world: VirtualWorld;
  readonly ann: VirtualClient;
  readonly bob: VirtualClient;
}

/** Two who may use the relay. */
function pair(
  options: Partial<VirtualClientOptions> = {},
  prepare: (world: VirtualWorld) => void = () => {},
): Pair {
  const world = new VirtualWorld();
  prepare(world);
  const common = { accept: "all", relay: "fallback", ...options } as const;
  const [ann, bob] = [world.add("ann", common), world.add("bob", common)];
  world.pass(100);
  assertEquals(ann.engine.peers.length, 1);
  return { world, ann, bob };
}

/** Holds back the first dial of a client, and lets no other through; gives what lets that one through. */
function lateDials(world: VirtualWorld, client: VirtualClient): () => void {
  world.dialFate = () => "silence";
  const dial = client.dial.bind(client);
  let held: (() => void) | undefined;
  client.dial = (id, to) => {
    held ??= () => {
      world.dialFate = () => "connect";
      dial(id, to);
      world.dialFate = () => "silence";
    };
  };
  return () => held?.();
}

/** Each state of a chat, with its path. */
function sessions(client: VirtualClient): string[] {
  return client.told("session").map(({ state, path, reason }) =>
    [state, path, reason].filter(Boolean).join(" ")
  );
}

function texts(client: VirtualClient): string[] {
  return client.told("private").map(({ text }) => text);
}

for (const fate of ["refuse", "silence"] as const) {
  Deno.test(`no direct way (${fate}): the chat opens through the registry within a second of consent`, () => {
    const { world, ann, bob } = pair();
    world.dialFate = () => fate;
    ann.do({ command: "chat", to: "bob", text: "one" });
    world.pass(RELAY_AFTER_MS - 50);
    assertEquals([sessions(ann), sessions(bob)], [[], []]);
    world.pass(250);
    assertEquals([sessions(ann), sessions(bob)], [["open relay"], ["open relay"]]);
    bob.do({ command: "chat", to: "ann", text: "two" });
    world.pass(9_000);
    assertEquals([texts(bob), texts(ann)], [["one"], ["two"]]);
    assertEquals([sessions(ann), sessions(bob)], [["open relay"], ["open relay"]]);
    const told = ann.told("private").map(({ encrypted }) => encrypted);
    assertEquals(told, [true]);
    world.pass(15_000);
    assertEquals(
      [ann.listening, bob.listening, bob.connections],
      [0, 0, 0],
      "nothing is left open",
    );
    assertEquals([...ann.told("error"), ...bob.told("error")], []);
    ann.do({ command: "close", to: "bob" });
    world.pass(100);
    assertEquals(sessions(bob).at(-1), "closed relay closed");
    assertEquals(world.registry.relayed.links, 0);
  });
}

Deno.test("a direct way that is there in time: the registry is not asked", () => {
  const { world, ann, bob } = pair();
  ann.do({ command: "chat", to: "bob", text: "one" });
  world.pass(1_000);
  assertEquals([sessions(ann), sessions(bob)], [["open direct"], ["open direct"]]);
  assertEquals(world.registry.relayed.links, 0);
});

Deno.test("no datagram gets through: the offer goes through the registry, and so does the answer", () => {
  for (const accept of ["all", "ask"] as const) {
    const { world, ann, bob } = pair({ accept });
    world.fate = () => undefined;
    ann.do({ command: "chat", to: "bob", text: "one" });
    world.pass(500);
    if (accept === "ask") {
      assertEquals(bob.told("invite").length, 1);
      assertEquals(sessions(bob), []);
      world.pass(20_000);
      assertEquals(bob.told("invite").length, 1, "repeats do not ask again");
      bob.do({ command: "accept", to: "ann" });
      world.pass(200);
    }
    assertEquals([sessions(ann), sessions(bob)], [["open direct"], ["open direct"]], accept);
    world.pass(1_000);
    assertEquals(texts(bob), ["one"]);
  }
});

Deno.test("no datagram, no direct way: no and in vain are told, too", () => {
  for (const [command, reason] of [["reject", "rejected"], [undefined, "expired"]] as const) {
    const { world, ann, bob } = pair({ accept: "ask" });
    world.fate = () => undefined;
    world.dialFate = () => "silence";
    ann.do({ command: "start", to: "bob" });
    world.pass(1_000);
    if (command) bob.do({ command, to: "ann" });
    world.pass(70_000);
    assertEquals(ann.chats, [`bob closed ${reason}`]);
  }
});

Deno.test("the answer by UDP is lost: it comes through the registry", () => {
  const { world, ann, bob } = pair();
  world.dialFate = () => "silence";
  world.fate = (from) => from.ip === bob.ip ? undefined : 5;
  ann.do({ command: "chat", to: "bob", text: "one" });
  world.pass(600);
  assertEquals([sessions(ann), texts(bob)], [["open relay"], ["one"]]);
});

Deno.test("never, at either client or at the registry: as without a relay", () => {
  for (const who of ["ann", "bob", "registry"] as const) {
    const world = new VirtualWorld();
    world.registryLimits = who === "registry" ? { relay: "never" } : {};
    if (who === "registry") {
      world.setRegistry(false);
      world.setRegistry(true);
    }
    const relay = (name: string) => who === name ? "never" : "fallback";
    const ann = world.add("ann", { accept: "all", relay: relay("ann") });
    const bob = world.add("bob", { accept: "all", relay: relay("bob") });
    world.pass(100);
    world.dialFate = () => "refuse";
    ann.do({ command: "chat", to: "bob", text: "one" });
    world.pass(20_000);
    assertEquals(texts(bob), [], who);
    assertEquals(bob.chats, ["ann closed unreachable"], who);
    assertEquals(ann.chats, ["bob closed no-answer"], who);
    assertEquals(world.registry.relayed.links, 0);
  }
});

Deno.test("the direct way is slow: the chat begins through the registry, moves, and tells it once", () => {
  const { world, ann, bob } = pair();
  const connect = lateDials(world, bob);
  for (const text of ["1", "2"]) ann.do({ command: "chat", to: "bob", text });
  world.pass(1_000);
  assertEquals([sessions(ann), sessions(bob)], [["open relay"], ["open relay"]]);
  connect();
  for (let n = 3; n < 100; n++) {
    ann.do({ command: "chat", to: "bob", text: `${n}` });
    bob.do({ command: "chat", to: "ann", text: `${n}` });
    world.pass(1);
  }
  world.pass(1_000);
  const both = ["open relay", "open direct"];
  assertEquals([sessions(ann), sessions(bob)], [both, both]);
  const numbers = Array.from({ length: 99 }, (_, i) => `${i + 1}`);
  assertEquals([texts(bob), texts(ann)], [numbers, numbers.slice(2)]);
  assertEquals([world.registry.relayed.links, ann.listening, ann.connections], [0, 0, 1]);
  ann.do({ command: "peers" });
  assertEquals(ann.told("peers").at(-1)?.peers.map(({ path }) => path), ["direct"]);
});

Deno.test("10,000 messages each way, from the registry to a direct link, which is cut: none lost, doubled, out of order", () => {
  const dice = new Dice(SEED);
  const { world, ann, bob } = pair({}, (world) => {
    world.registryLimits = { messageRate: 0 };
    world.setRegistry(false);
    world.setRegistry(true);
  });
  const connect = lateDials(world, bob);
  const count = 10_000;
  for (let n = 1; n <= count; n++) {
    ann.do({ command: "chat", to: "bob", text: `${n}` });
    // Before it is asked, what bob says would ask ann.
    if (n > 1) bob.do({ command: "chat", to: "ann", text: `${n}` });
    else world.pass(900);
    if (n === 3_000) connect();
    if (n === 6_000) {
      assertEquals(sessions(ann), ["open relay", "open direct"]);
      world.dialFate = () => "silence";
      dice.pick([ann, bob]).cutLinks();
    }
    if (dice.below(5) === 0) world.pass(dice.below(6));
  }
  world.pass(20_000);
  const numbers = Array.from({ length: count }, (_, i) => `${i + 1}`);
  const label = `CONFAB_SEED=${SEED}`;
  assertEquals(texts(bob), numbers, label);
  assertEquals(texts(ann), numbers.slice(1), label);
  const told = ["open relay", "open direct", "open relay"];
  assertEquals([sessions(ann), sessions(bob)], [told, told], label);
  assertEquals([...ann.told("error"), ...bob.told("error")], [], label);
});

Deno.test("a direct link is cut: the chat goes on through the registry; and is lost where there is none", () => {
  for (const relay of ["fallback", "never"] as const) {
    const { world, ann, bob } = pair({ relay });
    ann.do({ command: "chat", to: "bob", text: "1" });
    world.pass(200);
    world.dialFate = () => "silence";
    bob.cutLinks();
    bob.do({ command: "chat", to: "ann", text: "2" });
    world.pass(200);
    if (relay === "fallback") {
      assertEquals([sessions(ann), sessions(bob)], Array(2).fill(["open direct", "open relay"]));
      assertEquals(texts(ann), ["2"]);
    } else {
      assertEquals(sessions(ann), ["open direct", "closed direct lost"]);
    }
  }
});

Deno.test("a chat through a registry that goes away and is back: it goes on; after 15 s it is lost", () => {
  for (const away of [3_000, 16_000]) {
    const { world, ann, bob } = pair();
    world.dialFate = () => "silence";
    ann.do({ command: "chat", to: "bob", text: "1" });
    world.pass(8_000);
    assertEquals(sessions(ann), ["open relay"]);
    world.setRegistry(false);
    world.pass(away);
    ann.do({ command: "chat", to: "bob", text: "2" });
    world.setRegistry(true);
    world.pass(12_000);
    if (away === 3_000) {
      assertEquals(sessions(ann), ["open relay"]);
      assertEquals(texts(bob), ["1", "2"]);
    } else {
      assertEquals(sessions(ann).slice(0, 2), ["open relay", "closed relay lost"]);
    }
  }
});

Deno.test("a peer that leaves ends a chat that goes through the registry at once", () => {
  const { world, ann, bob } = pair();
  world.dialFate = () => "silence";
  ann.do({ command: "chat", to: "bob", text: "1" });
  world.pass(1_000);
  bob.do({ command: "quit" });
  world.pass(500);
  assertEquals(sessions(ann), ["open relay", "closed relay quit"]);
  assertEquals(bob.engine.outcome?.reason, "quit");
});

Deno.test("whoever sees all bytes at the registry sees nothing of what is said", () => {
  const { world, ann, bob } = pair();
  world.dialFate = () => "refuse";
  world.fate = () => undefined;
  const heard: string[] = [];
  world.overhear = (bytes) => void heard.push(new TextDecoder().decode(bytes));
  const secrets = ["the cake is in the oven", "🙂 it is not", "x".repeat(4_000)];
  for (const text of secrets) ann.do({ command: "chat", to: "bob", text });
  world.pass(2_000);
  for (const text of secrets) bob.do({ command: "chat", to: "ann", text });
  world.pass(2_000);
  assertEquals([texts(bob), texts(ann)], [secrets, secrets]);
  const all = heard.join("");
  const relayed = [...all.matchAll(/RELAY:[0-9a-f]{32}:([A-Za-z0-9+/=]+)/g)];
  assert(relayed.length > 10, "it went through here");
  const opened = relayed.map(([, data = ""]) =>
    new TextDecoder().decode(Uint8Array.fromBase64(data))
  );
  for (const seen of [all, opened.join("")]) {
    for (
      const plain of [
        ...secrets.map((text) => text.slice(0, 12)),
        "TEXT:",
        "SEEN:",
        "IDENTITY:ann:e",
      ]
    ) {
      const where = seen === all ? "as it is" : "in its base64";
      const claims = plain === "IDENTITY:ann:e" && seen === all;
      assert(claims || !seen.includes(plain), `${plain} ${where}`);
    }
  }
});

Deno.test("a registry that changes what it hands on, or brings in somebody else, is found out", () => {
  for (const fault of ["flip", "repeat", "drop"] as const) {
    const { world, ann, bob } = pair();
    world.dialFate = () => "silence";
    ann.do({ command: "chat", to: "bob", text: "1" });
    world.pass(1_000);
    assertEquals(texts(bob), ["1"]);
    world.rewrite = (payload, to) => {
      if (to !== "bob" || !payload.startsWith("RELAY:")) return [payload];
      if (fault === "drop") return [];
      if (fault === "repeat") return [payload, payload];
      const data = Uint8Array.fromBase64(payload.slice(39));
      data[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1;
      return [payload.slice(0, 39) + data.toBase64()];
    };
    ann.do({ command: "chat", to: "bob", text: "2" });
    ann.do({ command: "chat", to: "bob", text: "3" });
    world.pass(1_000);
    assertEquals(texts(bob), fault === "repeat" ? ["1", "2"] : ["1"], fault);
    if (fault !== "drop") assertEquals(sessions(bob).at(-1), "closed relay bad-tag", fault);
  }
});

Deno.test("why: what was tried, through the registry, too", () => {
  const { world, ann, bob } = pair();
  world.dialFate = () => "refuse";
  ann.do({ command: "chat", to: "bob", text: "1" });
  world.pass(1_000);
  for (const client of [ann, bob]) {
    client.do({ command: "why", to: client === ann ? "bob" : "ann" });
    const steps = client.told("why").at(-1)?.attempts.map(({ step, outcome, path }) =>
      `${path} ${step} ${outcome}`
    ) ?? [];
    for (const step of ["relay relay asked", "relay relay connected", "relay session open"]) {
      assert(steps.includes(step), `${client.name}: ${step} in\n${steps.join("\n")}`);
    }
    assertEquals(steps.includes("direct dial refused"), client === bob);
  }
});

Deno.test("fast talk through the registry keeps to its rate, window and total: nothing is lost", () => {
  const { world, ann, bob } = pair();
  world.dialFate = () => "silence";
  ann.do({ command: "start", to: "bob" });
  world.pass(1_000);
  const lines = Array.from({ length: 1_000 }, (_, i) => `${i} ${"x".repeat(1_000)}`);
  for (const text of lines) ann.do({ command: "chat", to: "bob", text });
  world.pass(30_000);
  assertEquals(texts(bob).length, lines.length);
  assertEquals([sessions(ann), sessions(bob)], [["open relay"], ["open relay"]]);
});
