/** What waits for one client is bounded: who is cut, who is stopped and given what it missed (sections 10.7, 10.8, 11). */
import { LOW_WATER_BYTES, MAX_QUEUED_BYTES } from "../../lib/registry/limits.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);
const TEXT = "x".repeat(4_000);
/** Further than the registry remembers. */
const MANY = 4_200;

/** A bench with ann, who reads nothing, and a plain talker. */
function setUp() {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0 });
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read();
  const talker = bench.join("talker");
  ann.read();
  const { link } = ann;
  assert(link);
  link.stalled = [];
  return { bench, ann, link, talker };
}

/** Says `count` long things, a turn each; what waits for `link` never passes the bound. */
function talk(
  bench: RegistryBench,
  talker: BenchClient,
  link: BenchClient,
  count: number,
  text = TEXT,
) {
  for (let i = 0; i < count; i++) {
    talker.say(`BROADCAST:talker:${[...text].length}:${text}`);
    bench.flush();
    assert(link.queued <= MAX_QUEUED_BYTES, `${link.queued} wait`);
  }
}

/** Reads all, 100 kB at a time. */
function readAll(bench: RegistryBench, ann: BenchCapable): void {
  for (let i = 0; i < 100; i++) {
    ann.link?.take(100_000);
    ann.read();
    bench.pass(1);
  }
}

for (const dialect of ["framed", "classic", "keyed"] as const) {
  Deno.test(`${dialect}: cut before more waits than may`, () => {
    const { bench, talker } = setUp();
    const slow = dialect === "keyed"
      ? bench.joinKeyed("slow", identityNumber(5))
      : bench.join("slow", dialect);
    slow.stalled = [];
    talk(bench, talker, slow, 70);
    assertEquals(slow.closed, true);
    assertEquals(bench.counters.closes.slow, 1);
  });
}

Deno.test("who can catch up is stopped at the bound, not cut, and loses nothing: refilled as it drains", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 200);
  assertEquals(link.closed, false);
  const waiting = link.queued;
  assert(waiting > MAX_QUEUED_BYTES - 10_000, "filled as far as may be");
  link.take(waiting - LOW_WATER_BYTES - 1);
  assertEquals(link.queued, LOW_WATER_BYTES + 1, "not before it has come down");
  link.take(1);
  assert(link.queued > LOW_WATER_BYTES && link.queued < MAX_QUEUED_BYTES / 2 + 10_000);
  readAll(bench, ann);
  talk(bench, talker, link, 1);
  readAll(bench, ann);
  assertEquals(
    ann.story.map((each) => each.split(" ")[0]),
    Array.from({ length: 201 }, (_, i) => `${i + 1}`),
  );
  assertEquals(bench.counters.deliveries, 201);
});

Deno.test("who has not come down within 10 s is cut: told slow, kept, and goes on after RESUME", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 100);
  bench.pass(9_999);
  assertEquals(link.closed, false);
  bench.pass(1);
  assertEquals([link.closed, bench.counters.closes.slow, bench.counters.drops], [true, 1, 1]);
  ann.read();
  assertEquals(ann.takeOthers(), ["ERROR:slow:you read too slowly"]);
  ann.lose()?.hangUp();
  ann.connect();
  readAll(bench, ann);
  assertEquals(ann.number, 100);
});

Deno.test("each time it drains it has 10 s more; in the end it is live again", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 200);
  for (let i = 0; i < 8; i++) {
    bench.pass(9_000);
    link.take(link.queued);
    ann.read();
  }
  readAll(bench, ann);
  bench.pass(12_000);
  assertEquals([ann.number, link.closed], [200, false]);
});

Deno.test("answers to one who is behind are in their places, what it says is acknowledged in its own", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 100);
  ann.say("mine");
  link.say("NONSENSE");
  link.say(`SAY:${ANN.publicKey.slice(0, 16)}.1:4:mine`);
  talk(bench, talker, link, 3);
  let at = -1;
  const read = ann.read.bind(ann);
  ann.read = () => {
    read();
    if (at < 0 && ann.others.length > 0) at = ann.number;
    return ann;
  };
  // In small pieces, to see where the answer stands.
  while (link.queued > 0) {
    link.take(1_000);
    ann.read();
  }
  assertEquals(ann.story[100], "101 own");
  assertEquals([at, ann.takeOthers()], [101, ["ERROR:bad-message:unknown verb"]]);
  assertEquals([ann.number, ann.acknowledged], [104, ["mine"]]);
});

Deno.test("an answer in the very turn that does not fit is not lost", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 64);
  for (let i = 0; i < 4; i++) talker.say(`BROADCAST:talker:4000:${TEXT}`);
  link.say("NONSENSE");
  talker.say("BROADCAST:talker:4:last");
  bench.flush();
  assertEquals(link.closed, false);
  readAll(bench, ann);
  assertEquals([ann.number, ann.takeOthers()], [69, ["ERROR:bad-message:unknown verb"]]);
});

Deno.test("answers that nobody reads are bounded, too", () => {
  const { bench, link, talker } = setUp();
  talk(bench, talker, link, 100);
  for (let i = 0; i < 20_000 && !link.closed; i++) link.say("NONSENSE");
  assertEquals([link.closed, bench.counters.closes.slow], [true, 1]);
});

Deno.test("broadcasts that are not remembered: one GAP, with how many of others, then on without a hole", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 70);
  const read = 70 * 3 / 4;
  for (let i = 0; i < MANY; i++) {
    talker.say("BROADCAST:talker:1:y");
    if (i === 50 || i === 60) ann.say("mine");
  }
  bench.flush();
  readAll(bench, ann);
  const gaps = ann.heard.flatMap((each) => each.kind === "gap" ? [each] : []);
  assertEquals(gaps.length, 1);
  const [gap] = gaps;
  assert(gap);
  const index = ann.heard.indexOf(gap);
  const before = ann.heard[index - 1];
  const number = before?.kind === "said" ? before.said.number : 0;
  assert(number > read / 2);
  assertEquals(gap.missed, gap.number - number - 2, "all but its own");
  assertEquals(gap.number, 70 + MANY + 2 - 4_096);
  assertEquals(ann.acknowledged, ["mine", "mine"], "which are acknowledged all the same");
  assertEquals(ann.heard.length - index - 1, 4_096);
  assertEquals([bench.counters.gaps, bench.counters.missed], [1, gap.missed]);
});

Deno.test("4 MiB of broadcasts are remembered at most", () => {
  const { bench, ann, talker } = setUp();
  ann.lose()?.hangUp();
  const long = "\u{1f642}".repeat(4_096);
  for (let i = 0; i < 300; i++) talker.say(`BROADCAST:talker:4096:${long}`);
  ann.connect();
  readAll(bench, ann);
  const [first, ...others] = ann.heard;
  assertEquals(first?.kind, "gap");
  assertEquals(others.length, 255, "16 KiB each, and what is around them");
});

Deno.test("after RESUME: GAP where broadcasts are not remembered, ROSTER where joins and leaves are not", () => {
  const { bench, ann, talker } = setUp();
  const leaver = bench.join("leaver");
  ann.link?.take(100_000);
  ann.read();
  ann.lose()?.hangUp();
  leaver.hangUp();
  for (let i = 0; i < MANY; i++) talker.say("BROADCAST:talker:1:y");
  for (let i = 0; i < 2_100; i++) bench.join(`visitor${i}`).hangUp();
  bench.join("stays");
  ann.connect();
  const kinds = ann.link?.heardKinds() ?? [];
  assertEquals(kinds.slice(0, 4), ["WELCOME", "PING", "ROSTER", "GAP"]);
  assertEquals(kinds.slice(4), Array(4_096).fill("SAID"));
  ann.lose()?.hangUp();
  ann.connect();
  ann.read();
  assertEquals(ann.names, ["ann", "stays", "talker"]);
  assertEquals(ann.story[0], `${MANY - 4_096} gap of ${MANY - 4_096}`);
});

Deno.test("joins and leaves that are forgotten while one is behind: it is cut, and comes back to a ROSTER", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 100);
  for (let i = 0; i < 2_100; i++) bench.join(`visitor${i}`).hangUp();
  assertEquals(link.closed, false);
  link.take(link.queued);
  assertEquals([link.closed, bench.counters.closes.slow], [true, 1]);
  ann.read();
  ann.lose()?.hangUp();
  ann.connect();
  readAll(bench, ann);
  assertEquals([ann.names, ann.number], [["ann", "talker"], 100]);
});

Deno.test("a summary that broke off, and whose joiner has left since: its LEFT is told", () => {
  const { bench, ann } = setUp();
  ann.link?.take(100_000);
  ann.read();
  ann.lose()?.hangUp();
  const [first, second] = [bench.join("first"), bench.join("second")];
  ann.connect("stalled");
  // WELCOME, PING, and the first JOINED of two.
  const lines = [69 + 4, 16 + 9].reduce((sum, size) => sum + size, 0);
  ann.link?.take(lines + 100);
  ann.read();
  assertEquals(ann.names.includes("first"), true);
  assertEquals(ann.names.includes("second"), false, "it broke off");
  ann.lose()?.hangUp();
  first.hangUp();
  second.say("BROADCAST:second:2:hi");
  ann.connect();
  ann.read();
  assertEquals(ann.names, ["ann", "second", "talker"]);
});

Deno.test("QUIT of one who is behind: what it said is acknowledged before the connection ends", () => {
  const { bench, ann, link, talker } = setUp();
  talk(bench, talker, link, 100);
  ann.say("last words");
  link.say("QUIT");
  assertEquals(link.closed, true);
  link.take(link.queued);
  for (const line of link.heard()) ann.others.push(line);
  assert(ann.others.at(-1)?.startsWith("ACK:"));
});

Deno.test("hundreds cut in one turn: for all others their leaves come after what cut them", () => {
  const { bench, talker } = setUp();
  const name = (i: number): string => String(i).padStart(4, "0") + "\u{20000}".repeat(28);
  const slow = Array.from({ length: 600 }, (_, i) => bench.join(name(i)));
  const reader = bench.join("reader");
  bench.flush();
  for (const client of slow) client.stalled = [];
  for (let i = 0; i < 70; i++) {
    talker.say(`BROADCAST:talker:4000:${TEXT}`);
    bench.flush();
  }
  assert(slow.every(({ closed }) => closed));
  const kinds = reader.heardKinds();
  const cut = kinds.indexOf("UPDATE:LEAVE");
  assertEquals(cut, 66, "told after the broadcast that was too much");
  assertEquals(kinds.slice(cut, cut + 600), Array(600).fill("UPDATE:LEAVE"));
  assertEquals(kinds.slice(cut + 600), Array(4).fill("BROADCAST"));
});
