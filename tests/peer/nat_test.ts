/** The way to the best link, in a network of NATs that is played: kinds, delay, loss; no root. The same with real ones: tests/long/namespaces.ts */
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { DELAY } from "../support/virtual_pipe.ts";
import { type NatKind, VirtualNat } from "../support/virtual_nat.ts";
import { type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

const SEED = seedOfRun();
const KINDS: readonly NatKind[] = [
  ...[
    "public",
    "cone",
    "cone that resets",
    "full cone",
    "symmetric",
    "UDP blocked",
    "registry only",
  ] as const,
];

/** The best paths that TCP allows where the first makes the offer. */
function bestOf(a: NatKind, b: NatKind): readonly string[] {
  if ([a, b].includes("registry only")) return ["relay"];
  const isOpen = (kind: NatKind): boolean => kind === "public" || kind === "full cone";
  if (isOpen(a) && isOpen(b)) return ["direct", "reversed"];
  if (isOpen(a)) return ["direct"];
  if (isOpen(b)) return ["reversed"];
  return [a, b].includes("symmetric") ? ["relay"] : ["punched"];
}

interface Pair {
  readonly world: VirtualWorld;
  readonly ann: VirtualClient;
  readonly bob: VirtualClient;
}

/** Two of them, each behind a NAT of its own, or both behind one. */
function pair(a: NatKind, b: NatKind | "same", lossPercent = 0, seed = SEED): Pair {
  const world = new VirtualWorld();
  const nat = world.nat = new VirtualNat((ms, run) => world.after(ms, run), DELAY, new Dice(seed));
  nat.lossPercent = lossPercent;
  const common = { accept: "all", relay: "fallback" } as const;
  const ip = (kind: NatKind, own: string, near: string): string => kind === "public" ? own : near;
  const ann = world.add("ann", { ...common, ip: ip(a, "203.0.113.20", "192.168.1.2") });
  const bobIp = b === "same" ? "192.168.1.3" : ip(b, "203.0.113.21", "192.168.2.2");
  const bob = world.add("bob", { ...common, ip: bobIp });
  if (b === "same") nat.place(a, "203.0.113.11", [ann, bob]);
  else {
    nat.place(a, "203.0.113.11", [ann]);
    nat.place(b, "203.0.113.12", [bob]);
  }
  world.pass(100);
  assertEquals(ann.engine.peers.length, 1);
  return { world, ann, bob };
}

function pathsOf(client: VirtualClient): string[] {
  return client.told("session").filter(({ state }) => state === "open").map(({ path }) => path);
}

for (const a of KINDS) {
  for (const b of KINDS) {
    const best = bestOf(a, b);
    Deno.test(`${a} and ${b}: open within a second, then ${best.join(" or ")}`, () => {
      const { world, ann, bob } = pair(a, b);
      ann.do({ command: "chat", to: "bob", text: "hello" });
      // Consent comes at once, at the latest when the offer has come through the registry.
      world.pass(300 + 1_000);
      const label = `CONFAB_SEED=${SEED}`;
      for (const client of [ann, bob]) {
        assert(pathsOf(client).length > 0, `${client.name} ${label}`);
      }
      world.pass(5_000);
      for (let n = 0; n < 10; n++) {
        ann.do({ command: "chat", to: "bob", text: `${n}` });
        world.pass(3);
      }
      world.pass(500);
      const [ours, theirs] = [pathsOf(ann), pathsOf(bob)];
      assert(best.includes(ours.at(-1) ?? ""), `${ours} ${label}`);
      assertEquals(theirs.at(-1), ours.at(-1), label);
      // Each change is told once.
      for (const told of [ours, theirs]) assertEquals(new Set(told).size, told.length, label);
      assertEquals(
        bob.told("private").map(({ text }) => text),
        ["hello", ...Array.from({ length: 10 }, (_, n) => `${n}`)],
        label,
      );
      assertEquals([...ann.told("error"), ...bob.told("error")], [], label);
      const isDirect = ours.at(-1) !== "relay";
      assertEquals(world.registry.relayed.links, isDirect ? 0 : 1, label);
      world.pass(20_000);
      if (isDirect) assertEquals([ann.listening, bob.listening, ann.connections], [0, 0, 1], label);
    });
  }
}

for (const kind of ["cone", "symmetric"] as const) {
  Deno.test(`two behind one ${kind} NAT: over their own network`, () => {
    const { world, ann, bob } = pair(kind, "same");
    ann.do({ command: "chat", to: "bob", text: "hello" });
    world.pass(6_000);
    assertEquals([pathsOf(ann).at(-1), pathsOf(bob).at(-1)], ["direct", "direct"]);
  });
}

Deno.test("with 5 % of all packets lost every session opens, and what is said arrives", () => {
  for (let n = 0; n < 40; n++) {
    const seed = (SEED + n) >>> 0;
    const dice = new Dice(seed);
    const [a, b] = [dice.pick(KINDS), dice.pick(KINDS)];
    const { world, ann, bob } = pair(a, b, 5, seed);
    ann.do({ command: "chat", to: "bob", text: "hello" });
    world.pass(3_000);
    bob.do({ command: "chat", to: "ann", text: "hello yourself" });
    world.pass(10_000);
    const label = `${a}, ${b}: CONFAB_SEED=${seed}`;
    assertEquals(bob.told("private").map(({ text }) => text), ["hello"], label);
    assertEquals(ann.told("private").map(({ text }) => text), ["hello yourself"], label);
    const path = pathsOf(ann).at(-1) ?? "";
    assert(["direct", "reversed", "punched", "relay"].includes(path), label);
  }
});

Deno.test("a link between two NATs is cut: through the registry again, and then the better way again", () => {
  const { world, ann, bob } = pair("cone", "cone");
  ann.do({ command: "chat", to: "bob", text: "1" });
  world.pass(5_000);
  assertEquals(pathsOf(ann), ["relay", "punched"]);
  bob.cutLinks();
  bob.do({ command: "chat", to: "ann", text: "2" });
  world.pass(5_000);
  assertEquals(pathsOf(ann), ["relay", "punched", "relay", "punched"]);
  assertEquals(pathsOf(bob), pathsOf(ann));
  assertEquals(ann.told("private").map(({ text }) => text), ["2"]);
});

Deno.test("a stranger at an address that a peer tells is refused by the handshake, and the search goes on", () => {
  const { world, ann, bob } = pair("cone", "cone");
  ann.do({ command: "chat", to: "bob", text: "1" });
  world.pass(300);
  // In place of ann's address bob reaches somebody who answers as a client would, and has not got her key.
  const stranger = { ip: "203.0.113.66", port: 7_777 };
  const heard: number[] = [];
  world.tcp.set(`${stranger.ip} ${stranger.port}`, (_, back) => ({
    deliver: (bytes) => {
      heard.push(bytes.length);
      back.deliver(encodeFrame(new Uint8Array(0x133).fill(7)));
    },
    end: () => back.end(),
  }));
  world.nat?.place("public", stranger.ip, [{ ip: stranger.ip, accepts: () => true }]);
  const dial = bob.dial.bind(bob);
  bob.dial = (id) => dial(id, stranger);
  world.pass(10_000);
  assert(
    heard.length > 0 && heard.every((size) => size === 36),
    "an ephemeral key, and nothing else",
  );
  assertEquals(pathsOf(bob), ["relay", "punched"]);
  assertEquals(bob.told("private").map(({ text }) => text), ["1"]);
});

Deno.test("nobody dials more than a few addresses for a peer that tells many", () => {
  const { world, ann, bob } = pair("symmetric", "symmetric");
  ann.do({ command: "chat", to: "bob", text: "1" });
  world.pass(30_000);
  const dialled = world.dials.filter(({ from }) => from === "bob");
  // The offer, and in each of two searches PATHS and three GO.
  assert(dialled.length <= 1 + 2 * (4 + 3), `${dialled.length}`);
  assertEquals(pathsOf(bob), ["relay"]);
});
