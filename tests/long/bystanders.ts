/** A crowd of slow readers that goes in one turn. */
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
