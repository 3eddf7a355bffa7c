/** What slow readers must not do to others, nor what others do to the registry through them. */
import { assertEquals } from "../support/assert.ts";
import { RegistryBench } from "../support/registry_bench.ts";

Deno.test("more joins and leaves than are remembered, hidden from who is busy: it reads on or is cut, no more", () => {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
  const talker = bench.join("talker");
  const late = bench.join("late", "classic");
  late.stalled = [];
  for (let i = 0; i < 30; i++) {
    talker.say(`BROADCAST:talker:4000:${"x".repeat(4_000)}`);
    bench.flush();
  }
  bench.join("seen");
  bench.pass(30);
  for (let i = 0; i < 2_100; i++) {
    const hidden = bench.connect("framed");
    hidden.say(`REGISTER:v${i}:[2001:db8::1]:5001`);
    hidden.hangUp();
    bench.flush();
  }
  bench.pass(1_000);
  late.take(late.queued);
  bench.pass(1_000);
  assertEquals(late.closed, true, "what was kept back is not remembered");
  talker.heard();
  talker.say("BROADCAST:nobody:2:hi");
  assertEquals(talker.heardKinds(), ["ERROR:bad-sender"], "the others are served");
});
