/** Lost sessions keep their places, but nobody keeps more of them than those who stay may have. */
import { formatIp } from "../../lib/protocol/address.ts";
import { assertEquals } from "../support/assert.ts";
import { type BenchOptions, identityNumber, RegistryBench } from "../support/registry_bench.ts";

/** Somebody comes and loses the connection at once. */
function drop(bench: RegistryBench, name: string, key: number, ip: string): void {
  const client = bench.greetCapable(name, identityNumber(key, false), ip);
  client.say(`REGISTER:${name}:${formatIp(ip)}:5001`);
  client.hangUp();
}

function left(bench: RegistryBench): string[] {
  return bench.events.flatMap((each) => each.event === "leave" ? [each.username] : []);
}

function setUp(options: BenchOptions = {}) {
  return new RegistryBench({ grace: 3_600, ...options });
}

Deno.test("of one key 8 are kept, wherever they came from; the oldest leaves at once", () => {
  const bench = setUp({ maxPerIp: 0 });
  for (let i = 0; i < 10; i++) drop(bench, `g${i}`, 1, `127.0.1.${i}`);
  assertEquals([bench.registry.size, left(bench)], [8, ["g0", "g1"]]);
  drop(bench, "other", 2, "127.0.1.1");
  assertEquals(bench.registry.size, 9);
  bench.pass(3_600_000);
  assertEquals(bench.registry.size, 0);
});

Deno.test("of one address as many are kept as it may have connections: an IPv6 /64 is one", () => {
  const bench = setUp({ maxPerIp: 6 });
  const come = (name: string, key: number, ip: string): void => {
    drop(bench, name, key, ip);
    // Those who are new are counted, too.
    bench.pass(4_000);
  };
  for (let i = 0; i < 8; i++) come(`g${i}`, i, "127.0.1.1");
  assertEquals([bench.registry.size, left(bench)], [6, ["g0", "g1"]]);
  for (let i = 0; i < 8; i++) come(`v${i}`, 20 + i, `2001:db8::${i + 1}`);
  assertEquals([bench.registry.size, left(bench).slice(2)], [12, ["v0", "v1"]]);
});

Deno.test("without a limit on connections there is none on those of one address", () => {
  const bench = setUp({ maxPerIp: 0 });
  for (let i = 0; i < 100; i++) drop(bench, `g${i}`, i, "127.0.1.1");
  assertEquals([bench.registry.size, left(bench)], [100, []]);
});

Deno.test("who has come back is not among them, and leaves no room taken", () => {
  const bench = setUp({ maxPerIp: 0 });
  const first = bench.greetCapable("first", identityNumber(1, false));
  first.say("REGISTER:first:127.0.0.1:5001");
  const [, epoch, number, presence, token] = first.heard()[0]?.split(":") ?? [];
  first.hangUp();
  for (let i = 0; i < 7; i++) drop(bench, `g${i}`, 1, "127.0.1.1");
  const back = bench.greetCapable("first", identityNumber(1, false));
  back.say(`RESUME:${token}:${epoch}:${number}:${presence}:127.0.0.1:5001`);
  assertEquals(back.heardKinds()[0], "WELCOME");
  drop(bench, "g7", 1, "127.0.1.1");
  assertEquals([bench.registry.size, left(bench)], [9, []]);
  back.hangUp();
  assertEquals(left(bench), ["g0"], "it is the youngest now");
});
