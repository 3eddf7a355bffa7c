/** What slow readers must not do to others, nor what others do to the registry through them. */
import { assert, assertEquals } from "../support/assert.ts";
import { identityNumber, RegistryBench } from "../support/registry_bench.ts";

/** Enough leaves of long names that one turn of them alone passes the bound of a queue. */
const CROWD = 2_000;

Deno.test(`${CROWD} cut in one turn: their leaves cut nobody who reads`, () => {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
  const talker = bench.join("talker");
  const readers = [
    ...Array.from({ length: 5 }, (_, i) => bench.join(`reader-${i}`)),
    bench.joinKeyed("kim", identityNumber(7)),
  ];
  const crowd = Array.from(
    { length: CROWD },
    (_, i) => bench.join(String(i).padStart(4, "0") + "\u{20000}".repeat(28)),
  );
  const left = readers.map(() => 0);
  const read = (): void => {
    talker.heard();
    for (const [i, reader] of readers.entries()) {
      left[i] = (left[i] ?? 0) + reader.heardKinds().filter((k) => k === "UPDATE:LEAVE").length;
    }
  };
  read();
  for (const client of crowd) client.stalled = [];
  for (let i = 0; i < 70; i++) {
    talker.say(`BROADCAST:talker:4000:${"x".repeat(4_000)}`);
    read();
  }
  bench.pass(1_000);
  read();
  assert(crowd.every(({ closed }) => closed));
  assertEquals(readers.map(({ closed }) => closed), readers.map(() => false));
  assertEquals(left, readers.map(() => CROWD));
});

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
