/** Every end of a member's connection has one reason, told with its leave. */
import { encodeFrame } from "../../lib/protocol/frame.ts";
import type { CloseReason } from "../../lib/registry/events.ts";
import { assertEquals, assertMatch } from "../support/assert.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ENDS: readonly (readonly [CloseReason, (bench: RegistryBench, ann: BenchClient) => void])[] =
  [
    ["quit", (_, ann) => ann.say("QUIT")],
    ["ended", (_, ann) => ann.hangUp()],
    ["bad-frame", (_, ann) => ann.raw(new Uint8Array(4))],
    ["bad-frame", (_, ann) => ann.raw(encodeFrame(new Uint8Array([0xff])))],
    ["flood", (_, ann) => {
      for (let i = 0; i < 200; i++) ann.say("BROADCAST:ann:2:hi");
    }],
    ["slow", (bench, ann) => {
      ann.stalled = [];
      const talkers = ["a", "b", "c", "d", "e", "f"].map((name) => bench.join(name));
      for (let i = 0; i < 15; i++) {
        talkers.forEach((talker, at) =>
          talker.say(`BROADCAST:${"abcdef"[at]}:4000:${"x".repeat(4_000)}`)
        );
        bench.flush();
      }
    }],
    ["taken-over", (bench) => {
      bench.ask("ann", identityNumber(1));
      bench.pass(500);
    }],
  ];

for (const [reason, end] of ENDS) {
  Deno.test(`a leave tells its reason, once: ${reason}`, () => {
    const bench = new RegistryBench();
    const ann = bench.joinKeyed("ann", identityNumber(1));
    end(bench, ann);
    // Whatever else happens to the connection afterwards changes nothing.
    ann.hangUp();
    ann.raw(new Uint8Array(4));
    bench.pass(100_000);
    assertEquals(
      bench.events.filter((event) => event.event === "leave" && event.username === "ann"),
      [{ event: "leave", username: "ann", ip: "127.0.0.1", udpPort: 5001, reason }],
    );
  });
}

Deno.test("a join has no more than name and address, also of a keyed user", () => {
  const bench = new RegistryBench();
  bench.joinKeyed("ann", identityNumber(1));
  assertEquals(bench.events, [{ event: "join", username: "ann", ip: "127.0.0.1", udpPort: 5001 }]);
});

Deno.test("no-classic: told in its dialect at the first byte, then closed; framed clients are served", () => {
  const bench = new RegistryBench({ classic: false });
  const classic = bench.connect("classic");
  classic.raw("R");
  const [told = "", ...others] = classic.heard();
  assertMatch(told, /^BROADCAST:server:\d+:no-classic: /);
  assertEquals([classic.closed, others], [true, []]);
  classic.raw("EGISTER:old:127.0.0.1:5001\r\n");
  assertEquals(bench.join("ann").closed, false);
  assertEquals(bench.events.length, 1);
});
