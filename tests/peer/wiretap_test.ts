/** `/wire` at work: everything is shown, in its place, and nothing travels otherwise for it. */
import type { ClientEvent, WireEvent } from "../../lib/peer/events.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { VirtualClassic, VirtualWorld } from "../support/virtual_world.ts";

const isWire = (event: ClientEvent): event is WireEvent => event.event === "wire";

/** A room in which ann and bob talk, in public and in private; what ann was told, and what travelled. */
function talk(tapped: boolean) {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob", { accept: "all" })];
  const old = new VirtualClassic(world, "old", "10.0.0.99");
  const pieces: string[] = [];
  world.tap = (bytes, from) => {
    pieces.push(`${world.now} ${from} ${bytes.toHex()}`);
    return [bytes];
  };
  world.pass(100);
  if (tapped) ann.do({ command: "wire", on: true });
  ann.do({ command: "broadcast", text: "to all" });
  ann.do({ command: "chat", to: "bob", text: "only for bob" });
  ann.do({ command: "chat", to: "old", text: "in the clear" });
  world.pass(2_000);
  bob.do({ command: "broadcast", text: "to all, too" });
  bob.do({ command: "chat", to: "ann", text: "only for ann" });
  world.pass(1_000);
  ann.do({ command: "quit" });
  world.pass(1_000);
  assert(old);
  const datagrams = world.datagrams.map(({ bytes, to }) => `${to.ip} ${bytes.toHex()}`);
  return { events: ann.events, travelled: [...datagrams, ...pieces] };
}

Deno.test("wiretap: the same bytes travel at the same time, and all other events are the same", () => {
  const [with_, without] = [talk(true), talk(false)];
  assertEquals(with_.travelled, without.travelled);
  const others = with_.events.filter(({ event }) => event !== "wire" && event !== "wiretap");
  assertEquals(others, without.events);
  assertEquals(without.events.filter(isWire), []);
});

Deno.test("wiretap: each thing in its place, before what comes of it; nothing after bye", () => {
  const { events } = talk(true);
  const told = events.filter(isWire).map(({ direction, channel, peer, text }) =>
    `${direction} ${channel} ${peer ?? "-"} ${text}`
  );
  const parts = [
    "out registry - SAY ",
    "out udp bob offer ",
    "out udp - offer ",
    "in registry - ACK ",
    "in udp - answer ",
    "in private bob Noise handshake 1 of 3",
    "out private bob Noise handshake 2 of 3",
    "in private bob Noise handshake 3 of 3",
    "out private bob OPEN -> 20 B sealed",
    "out private bob SEEN up to 0 -> 22 B sealed",
    "in private bob 22 B sealed -> SEEN up to 0",
    "out private bob TEXT 1, 12 code points -> 35 B sealed",
    "in registry - SAID ",
    "in private bob 35 B sealed -> TEXT 1, 12 code points",
    "out registry - QUIT",
  ];
  for (const part of parts) {
    assert(told.some((line) => line.startsWith(part)), `${part}\n${told.join("\n")}`);
  }
  const at = (of: (event: ClientEvent) => boolean): number => events.findIndex(of);
  const said = at((event) => isWire(event) && event.text.startsWith("SAID"));
  assert(said >= 0 && said < at(({ event }) => event === "broadcast"), "first the frame");
  assertEquals(events.at(-1)?.event, "bye");
  const all = JSON.stringify(events.filter(isWire));
  assert(!all.includes("only for"), "what is private stays so");
});

Deno.test("wiretap: off, on, and the other way round", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann");
  world.pass(100);
  const count = (): number => ann.events.filter(isWire).length;
  for (const [on, expected] of [[undefined, true], [undefined, false], [true, true]] as const) {
    ann.do({ command: "wire", ...(on !== undefined && { on }) });
    assertEquals(ann.events.at(-1), { event: "wiretap", on: expected });
  }
  ann.do({ command: "broadcast", text: "a" });
  world.pass(100);
  const shown = count();
  assert(shown > 0);
  ann.do({ command: "wire", on: false });
  ann.do({ command: "broadcast", text: "b" });
  world.pass(100);
  assertEquals(count(), shown);
});

Deno.test("wiretap: a connection made anew: tokens are cut", () => {
  const world = new VirtualWorld();
  const ann = world.add("ann");
  world.pass(100);
  ann.do({ command: "wire", on: true });
  world.setRegistry(false);
  world.setRegistry(true);
  world.pass(40_000);
  const texts = ann.events.filter(isWire).map(({ text }) => text);
  const welcome = texts.find((text) => text.startsWith("WELCOME"));
  assert(welcome, texts.join("\n"));
  // A PING's is no secret.
  for (const text of texts.filter((each) => !/^P[IO]NG/.test(each))) {
    assert(!/token=[0-9a-f]{5}/.test(text), text);
  }
});
