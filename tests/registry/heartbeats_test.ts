/** `docs/PROTOCOL.md` section 10.11: who is silent is asked, then dead. */
import { assert, assertEquals } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);

function setUp() {
  const bench = new RegistryBench();
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read();
  const { link } = ann;
  assert(link);
  return { bench, ann, link };
}

Deno.test("asked after 15 s and after 30 s of silence, dead after 45 s: told idle, kept", () => {
  const { bench, link } = setUp();
  const pings = (): number => link.heardKinds().filter((kind) => kind === "PING").length;
  bench.pass(14_999);
  assertEquals(pings(), 0);
  bench.pass(1_001);
  assertEquals(pings(), 1);
  bench.pass(15_000);
  assertEquals(pings(), 1);
  bench.pass(13_999);
  assertEquals([link.closed, pings()], [false, 0]);
  bench.pass(1_001);
  assertEquals([link.closed, ...link.heardKinds()], [true, "ERROR:idle"]);
  assertEquals(bench.counters.drops, 1);
  assertEquals(bench.registry.size, 1);
});

Deno.test("who answers stays, also one that says nothing else", () => {
  const { bench, ann, link } = setUp();
  for (let i = 0; i < 30; i++) {
    bench.pass(10_000);
    ann.read();
  }
  assertEquals(link.closed, false);
  assert(bench.counters.pings >= 15 && bench.counters.pings <= 20);
});

Deno.test("any byte is a sign of life: nobody is asked who talks", () => {
  const { bench, link } = setUp();
  for (let i = 0; i < 30; i++) {
    bench.pass(10_000);
    link.say("BROADCAST:ann:2:hi");
  }
  assertEquals(bench.counters.pings, 0);
});

Deno.test("a client's PING is answered by PONG in its place, and counts in the rate", () => {
  const { bench, link } = setUp();
  link.say("BROADCAST:nobody:2:hi");
  link.say("PING:1f");
  link.say("PING:xyz");
  assertEquals(link.heard().map((line) => line.split(":", 2).join(":")), [
    "ERROR:bad-sender",
    "PONG:1f",
    "ERROR:bad-message",
  ]);
  for (let i = 0; i < 30; i++) link.say("PING:1f");
  const kinds = link.heardKinds();
  assert(kinds.length < 20 && kinds.at(-1) === "ERROR:flood");
  bench.pass(1_000);
});

Deno.test("clients without numbers are neither asked nor cut", () => {
  const bench = new RegistryBench();
  const others = [
    bench.join("framed"),
    bench.join("classic", "classic"),
    bench.joinKeyed("keyed", ANN),
  ];
  for (const other of others) other.heard();
  bench.pass(1_000_000);
  for (const other of others) assertEquals([other.closed, ...other.heard()], [false]);
  assertEquals(bench.registry.nextTimeout(), undefined, "nobody is waited for");
});

Deno.test("100 of them are looked at once a second at most, and not at all once they are gone", () => {
  const bench = new RegistryBench({ maxPerIp: 0, grace: 0 });
  const clients = Array.from({ length: 100 }, (_, i) => {
    const client = new BenchCapable(bench, `c${i}`, identityNumber(i));
    client.connect();
    bench.pass(37);
    return client;
  });
  let [looks, last] = [0, -Infinity];
  for (const until = bench.now + 40_000; bench.now < until;) {
    const at = bench.registry.nextTimeout();
    assert(at !== undefined);
    assert(at - last >= 1_000, "once a second");
    [last, bench.now] = [at, at];
    bench.registry.timeout(at);
    looks++;
  }
  assert(looks > 5);
  for (const client of clients) client.lose()?.hangUp();
  bench.pass(100);
  assertEquals(bench.registry.nextTimeout(), undefined);
});

Deno.test("who talks now and then and reads late is asked four times, and may answer all of them late", () => {
  const { bench, ann, link } = setUp();
  for (let i = 0; i < 10; i++) {
    bench.pass(16_500);
    link.say("BROADCAST:ann:2:hi");
  }
  assertEquals(bench.counters.pings, 4);
  ann.read();
  assertEquals([link.closed, ann.takeOthers()], [false, []], "no PONG was refused");
  bench.pass(16_500);
  assertEquals(bench.counters.pings, 5, "and is asked again");
});

Deno.test("a takeover asks also one that has been asked four times: it answers and stays", () => {
  const { bench, ann, link } = setUp();
  for (let i = 0; i < 6; i++) {
    bench.pass(16_500);
    link.say("BROADCAST:ann:2:hi");
  }
  const second = bench.ask("ann", ANN);
  ann.read();
  bench.pass(1_000);
  assertEquals(second.heardKinds().at(-1), "ROSTER");
  assertEquals([link.closed, ann.takeOthers()], [false, []], "no PONG was refused");
});

Deno.test("a takeover asks besides: both PINGs may be answered", () => {
  const { bench, ann, link } = setUp();
  bench.pass(16_000);
  const second = bench.ask("ann", ANN);
  ann.read();
  assertEquals(second.heardKinds().at(-1), "ROSTER");
  assertEquals([link.closed, ann.takeOthers()], [false, []], "no PONG was refused");
});
