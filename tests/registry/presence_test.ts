/** Joins and leaves travel together, and come to a busy client as what they come to. */
import { LOW_WATER_BYTES } from "../../lib/registry/limits.ts";
import { PresenceLog } from "../../lib/registry/presence_log.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const SEED = seedOfRun();

/** Counts what is written to a client, a write each, without reading it. */
function countWrites(client: BenchClient): number[] {
  const writes: number[] = [];
  client.send = ({ length }) => writes.push(length);
  return writes;
}

/** Registers without ending the turn. */
function enter(bench: RegistryBench, name: string): BenchClient {
  const client = bench.connect("framed");
  client.say(`REGISTER:${name}:127.0.0.1:5001`);
  return client;
}

Deno.test("joins and leaves within 20 ms are one write; the first is written at once", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const ann = bench.join("ann");
  bench.pass(1_000);
  const writes = countWrites(ann);
  for (let i = 0; i < 10; i++) enter(bench, `u${i}`);
  bench.pass(0);
  assertEquals(writes.length, 1);
  const clients = Array.from({ length: 10 }, (_, i) => enter(bench, `v${i}`));
  for (const client of clients) client.say("QUIT");
  bench.registry.timeout(bench.now + 19);
  assertEquals(writes.length, 1, "the others wait");
  bench.now += 20;
  bench.registry.timeout(bench.now);
  assertEquals(writes.length, 2);
});

Deno.test("a broadcast takes the joins and leaves before it along, at once and in order", () => {
  const bench = new RegistryBench();
  const ann = bench.join("ann");
  bench.join("bob");
  const cam = enter(bench, "cam");
  cam.say("BROADCAST:cam:2:hi");
  cam.say("QUIT");
  assertEquals(ann.heardKinds(), ["UPDATE:JOIN", "UPDATE:JOIN", "BROADCAST", "UPDATE:LEAVE"]);
});

for (const dialect of ["framed", "classic", "keyed", "resume"] as const) {
  Deno.test(`${dialect}: joins and leaves are kept from the busy, and told as what they come to as it drains`, () => {
    const bench = new RegistryBench({ maxPerIp: 0, messageRate: 0 });
    const talker = bench.join("talker");
    const gone = bench.join("gone");
    const busy = dialect === "resume"
      ? bench.greetCapable("busy", identityNumber(1))
      : dialect === "keyed"
      ? bench.greet()
      : bench.connect(dialect);
    busy.say("REGISTER:busy:127.0.0.1:5001");
    busy.heard();
    busy.stalled = [];
    const text = "x".repeat(1_000);
    for (let i = 0; i < 80; i++) talker.say(`BROADCAST:talker:1000:${text}`);
    bench.pass(100);
    const waiting = busy.queued;
    assert(waiting > LOW_WATER_BYTES);
    for (let i = 0; i < 50; i++) bench.join(`u${i}`).hangUp();
    gone.hangUp();
    const back = bench.join("gone");
    bench.join("new");
    bench.pass(1_000);
    assertEquals(busy.queued, waiting, "kept back");
    busy.take(waiting);
    assertEquals(busy.heard().length >= 80, true);
    busy.take(busy.queued);
    const told = dialect === "resume"
      ? ["LEFT:5", "JOINED:5", "JOINED:108"]
      : ["UPDATE:LEAVE:gone", "UPDATE:JOIN:gone", "UPDATE:JOIN:new"];
    // By the number where there is one, else by the name.
    const fields = dialect === "resume" ? 2 : 3;
    const lines = busy.heard().map((line) => line.split(":").slice(0, fields).join(":"));
    const [first = ""] = lines;
    const number = Number(first.split(":")[1]);
    assertEquals(
      lines,
      dialect === "resume"
        ? [`LEFT:${number}`, `JOINED:${number}`, `JOINED:${number + 104 - 1}`]
        : told,
    );
    back.say("QUIT");
    bench.pass(100);
    busy.take(busy.queued);
    assertEquals(busy.heardKinds(), [dialect === "resume" ? "LEFT" : "UPDATE:LEAVE"], "live again");
  });
}

Deno.test("to the busy, what joins and leaves come to is told before the next broadcast", () => {
  const bench = new RegistryBench({ maxPerIp: 0, messageRate: 0 });
  const talker = bench.join("talker");
  const busy = bench.join("busy");
  busy.stalled = [];
  for (let i = 0; i < 80; i++) talker.say(`BROADCAST:talker:1000:${"x".repeat(1_000)}`);
  bench.flush();
  for (let i = 0; i < 50; i++) bench.join(`u${i}`).hangUp();
  const eve = bench.join("eve");
  bench.pass(100);
  eve.say("BROADCAST:eve:2:hi");
  bench.flush();
  busy.take(busy.queued);
  assertEquals(busy.heard().slice(80), ["UPDATE:JOIN:eve:127.0.0.1:5001", "BROADCAST:eve:2:hi"]);
});

Deno.test("500 joins and leaves are kept back at most; what is remembered is never passed", () => {
  const bench = new RegistryBench({ maxPerIp: 0, messageRate: 0 });
  const talker = bench.join("talker");
  const busy = bench.join("busy");
  busy.stalled = [];
  for (let i = 0; i < 80; i++) talker.say(`BROADCAST:talker:1000:${"x".repeat(1_000)}`);
  bench.flush();
  const waiting = busy.queued;
  bench.join("stays");
  for (let i = 0; i < 249; i++) bench.join(`u${i}`).hangUp();
  bench.pass(100);
  assertEquals(busy.queued, waiting);
  for (let i = 0; i < 10; i++) bench.join(`v${i}`).hangUp();
  bench.pass(100);
  assert(busy.queued > waiting);
  busy.take(busy.queued);
  assertEquals(busy.heard()[80], "UPDATE:JOIN:stays:127.0.0.1:5001");
});

Deno.test("who comes into a room of many is not told of them twice, nor of itself", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  for (let i = 0; i < 30; i++) bench.join(`u${i}`);
  const left = [3, 7, 29].map((i) => `u${i}`);
  for (const [i, event] of bench.events.entries()) assertEquals(event.event, "join", `${i}`);
  const late = new BenchCapable(bench, "late", identityNumber(1));
  late.connect();
  late.read();
  assertEquals(late.names.length, 31);
  assertEquals(left.every((name) => late.names.includes(name)), true);
  late.lose()?.hangUp();
  late.connect();
  assertEquals(late.link?.heardKinds(), ["WELCOME", "PING"], "nothing was missed");
});

Deno.test("what joins and leaves come to, replayed, is the room: random changes and ranges", () => {
  const random = new Dice(SEED);
  const log = new PresenceLog(64);
  const rooms: Map<string, number>[] = [new Map()];
  for (let number = 1; number <= 2_000; number++) {
    const room = new Map(rooms.at(-1));
    const session = String(random.below(6)).padStart(16, "0");
    const udpPort = 1 + random.below(2);
    const here = room.get(session);
    const user = (port: number) => ({
      username: "x",
      ip: "127.0.0.1",
      udpPort: port,
      session,
      key: undefined,
    });
    log.add(here === undefined ? "JOIN" : "LEAVE", user(here ?? udpPort));
    if (here === undefined) room.set(session, udpPort);
    else room.delete(session);
    rooms.push(room);
    const from = Math.max(0, number - random.below(64));
    const to = from + random.below(number - from + 1);
    const until = to + random.below(number - to + 1);
    const why = `CONFAB_SEED=${SEED}, ${from} to ${to} to ${until}`;
    const replayed = new Map(rooms[from]);
    apply(replayed, log.net(from, to, true));
    assertEquals(replayed, rooms[to], why);
    // Who has seen a part of a summary, and is told from its beginning on.
    const net = log.net(from, to, true);
    const seen = new Map(rooms[from]);
    const cut = random.below(net.left.length + net.joined.length + 1);
    apply(seen, {
      left: net.left.slice(0, cut),
      joined: net.joined.slice(0, Math.max(0, cut - net.left.length)),
    });
    apply(seen, log.net(from, until, false));
    assertEquals(seen, rooms[until], why);
  }
  assertThrows(() => log.net(1_000, 2_000, true), RangeError);
});

function apply(
  room: Map<string, number>,
  { left, joined }: ReturnType<PresenceLog["net"]>,
): void {
  for (const { session } of left) room.delete(session);
  for (const { session, udpPort } of joined) room.set(session, udpPort);
}
