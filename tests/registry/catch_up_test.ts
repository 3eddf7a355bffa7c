/** `docs/PROTOCOL.md` section 10.7: how those who come back are told who is here. */
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { FrameDecoder } from "../../lib/protocol/frame.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);

/** A room from which ann is away. */
function setUp() {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read().lose()?.hangUp();
  return { bench, ann };
}

/** Whether bytes end with the end of a frame. */
function endWhole(bytes: Uint8Array): boolean {
  const decoder = new FrameDecoder();
  decoder.push(bytes);
  let size = 0;
  for (let part = decoder.next(); part; part = decoder.next()) size += 4 + part.length;
  return size === bytes.length;
}

Deno.test("RESUME: up to 500 joins and leaves are told as what they come to, more of them as ROSTER", () => {
  for (const [visits, expected] of [[250, "LEFT"], [251, "ROSTER"]] as const) {
    const { bench, ann } = setUp();
    for (let i = 0; i < visits; i++) bench.join(`visitor-${i}`).hangUp();
    const link = bench.greetCapable("ann", ANN);
    const { token, epoch, number, presence } = ann;
    link.say(`RESUME:${token}:${epoch}:${number}:${presence}:127.0.0.1:5001`);
    const [welcome, ping, ...told] = link.heardKinds();
    assertEquals([welcome, ping], ["WELCOME", "PING"]);
    assertEquals(new Set(told), new Set([expected]));
    assertEquals(told.length, expected === "LEFT" ? visits : 1);
  }
});

Deno.test("RESUME: who is told ROSTER goes on from there", () => {
  const { bench, ann } = setUp();
  for (let i = 0; i < 300; i++) bench.join(`visitor-${i}`).hangUp();
  const bob = bench.join("bob");
  ann.connect();
  ann.read();
  bench.join("cam");
  bob.say("BROADCAST:bob:2:hi");
  assertEquals(ann.read().names, ["ann", "bob", "cam"]);
  assertEquals([ann.story, ann.registrations], [["1 bob:hi"], 1]);
  ann.lose()?.hangUp();
  bob.hangUp();
  ann.connect();
  assertEquals(ann.read().names, ["ann", "cam"]);
});

Deno.test("a PING comes between the frames of a long ROSTER, never within one", () => {
  // How much of a frame is left over by the users that fit into it differs with the first one's name.
  for (let length = 1; length <= 29; length += 14) {
    const { bench, ann } = setUp();
    bench.join("x".repeat(length));
    for (let i = 0; i < 1_200; i++) bench.join(`user-${i}`.padEnd(30, "y"));
    ann.connect("stalled");
    const { link } = ann;
    const begun = concatBytes(link?.stalled ?? []);
    assert(begun.length > 60_000 && begun.length < 140_000, "a part of the roster");
    assert(endWhole(begun), `within a frame, after ${begun.length} bytes`);
    // A newcomer of the same key: whether this one answers decides on its name.
    bench.ask("ann", ANN);
    while ((link?.queued ?? 0) > 0) {
      link?.take(100_000);
      ann.read();
    }
    assertEquals([ann.names.length, ann.names.includes("ann~2")], [1_203, true]);
  }
});
