/** `docs/PROTOCOL.md` 10.12: what was said before one came, given to those who ask. */
import { LOW_WATER_BYTES, MAX_QUEUED_BYTES } from "../../lib/registry/limits.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import {
  type BenchClient,
  CLIENT_NONCE,
  identityNumber,
  RegistryBench,
} from "../support/registry_bench.ts";

const [ANN, BOB, CAM] = [identityNumber(1), identityNumber(2), identityNumber(3)];
const RUN = "7a7b7c7d7e7f8081";
const CAPS = "keys,resume,replay";

/** A connection that may ask, once it has registered. */
function greet(bench: RegistryBench, name: string, identity = BOB, caps = CAPS): BenchClient {
  const client = bench.greet("127.0.0.1", CLIENT_NONCE, caps);
  client.say(bench.claim(client, name, identity));
  return client;
}

/** Somebody who is in, and has read the answer to that. */
function join(bench: RegistryBench, name: string, identity = BOB, caps = CAPS): BenchClient {
  const client = greet(bench, name, identity, caps);
  client.say(`REGISTER:${name}:127.0.0.1:5001`);
  client.heard();
  return client;
}

/** A bench in which ann, who stays, has said `1`, `2` and so on, a second apart. */
function said(count: number, options: { replay?: number } = {}) {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0, ...options });
  const ann = join(bench, "ann", ANN);
  for (let i = 1; i <= count; i++) {
    ann.say(`SAY:${RUN}.${i}:${`${i}`.length}:${i}`);
    bench.pass(1_000);
  }
  ann.heard();
  return { bench, ann };
}

/** The answer of which the texts are their numbers, from `from` to `to`, a second apart. */
function answer(from: number, to: number, limit = 50, since = 0): string[] {
  const past = Array.from({ length: to - from + 1 }, (_, i) => from + i)
    .map((n) => `PAST:${n}:${since + to - n + 1}:ann:${`${n}`.length}:${n}`);
  return [`REPLAYING:${past.length}:${limit}`, ...past, `REPLAYED:${past.length}`];
}

Deno.test("the last messages come with their ages, oldest first; no more than asked for, nor than the limit", () => {
  for (
    const [limit, asked, from] of [[50, 50, 41], [50, 3, 88], [7, 50, 84], [50, 1, 90]] as const
  ) {
    const { bench } = said(90, { replay: limit });
    const bob = join(bench, "bob");
    bob.say(`REPLAY:${asked}`);
    assertEquals(bob.heard(), answer(from, 90, limit), `${limit} ${asked}`);
  }
});

Deno.test("fewer than asked for are all; 0 asks for the limit alone; an empty room has none", () => {
  const { bench } = said(2);
  const bob = join(bench, "bob");
  bob.say("REPLAY:9007199254740991");
  assertEquals(bob.heard(), answer(1, 2));
  const cam = join(bench, "cam", CAM);
  cam.say("REPLAY:0");
  assertEquals(cam.heard(), ["REPLAYING:0:50", "REPLAYED:0"]);
  const first = join(new RegistryBench(), "bob");
  first.say("REPLAY:50");
  assertEquals(first.heard(), ["REPLAYING:0:50", "REPLAYED:0"]);
});

Deno.test("what was said is remembered when everybody has left, and whoever said it", () => {
  const { bench, ann } = said(1);
  bench.join("old", "classic").say("BROADCAST:old:5:hello");
  ann.say("QUIT");
  bench.pass(60_000);
  const bob = join(bench, "bob");
  bob.say("REPLAY:50");
  assertEquals(bob.heard(), [
    "REPLAYING:2:50",
    "PAST:1:61:ann:1:1",
    "PAST:2:60:old:5:hello",
    "REPLAYED:2",
  ]);
});

Deno.test("what is said after one came is no past: it is in the stream alone, once, in its place", () => {
  const { bench, ann } = said(2);
  const bob = join(bench, "bob");
  ann.heard();
  ann.say(`SAY:${RUN}.3:1:3`);
  bob.say(`SAY:${RUN}.1:1:4`);
  // The turn is not over: 3 and 4 are not written yet.
  bob.say("REPLAY:50");
  bob.say("NONSENSE");
  ann.say(`SAY:${RUN}.4:1:5`);
  const heard = bob.heard().map((line) => line.replace(/[0-9a-f]{16}:(?=\d+)/, ""));
  assertEquals(heard, [
    ...answer(1, 2),
    `SAID:3:ann:${RUN}.3:1:3`,
    `ACK:${RUN}.1:4`,
    "ERROR:bad-message:unknown verb",
    `SAID:5:ann:${RUN}.4:1:5`,
  ]);
  assertEquals(ann.heard().length, 3, "and others are told as ever");
});

Deno.test("asked twice, too early, without the capability, without a key, or wrongly: refused, and it stays open", () => {
  const { bench } = said(1);
  const bob = greet(bench, "bob");
  bob.say("REPLAY:50");
  assertEquals(bob.heardKinds(), ["ERROR:not-registered"]);
  bob.say("REGISTER:bob:127.0.0.1:5001");
  for (const wrong of ["REPLAY:-1", "REPLAY:", "REPLAY", "REPLAY:1:2", "REPLAY:x"]) bob.say(wrong);
  bob.heard();
  bob.say("REPLAY:50");
  assertEquals(bob.heard(), answer(1, 1));
  bob.say("REPLAY:50");
  assertEquals(bob.heard(), ["ERROR:bad-message:that was asked for before"]);
  assertEquals(bob.closed, false);
  const others = [
    join(bench, "cam", CAM, "keys,resume"),
    join(bench, "dan", identityNumber(4), "keys,replay"),
    bench.join("eve"),
  ];
  for (const other of others) {
    other.heard();
    other.say("REPLAY:50");
    assertEquals([other.heardKinds(), other.closed], [["ERROR:bad-message"], false]);
  }
  const old = bench.join("old", "classic");
  old.say("REPLAY:50");
  assertMatch(old.heard().join(), /^BROADCAST:server:/);
});

Deno.test("with --replay 0 the capability is not told, nothing is given, and nothing is remembered of those who left", () => {
  const { bench, ann } = said(2, { replay: 0 });
  const bob = bench.connect("framed");
  bob.say(`CAPS:1:${CLIENT_NONCE}:${CAPS}`);
  assertEquals(bob.heard()[0]?.split(":").at(-1), "keys,resume,observe,relay");
  const cam = join(bench, "cam", CAM);
  cam.say("REPLAY:50");
  assertEquals(cam.heardKinds(), ["ERROR:bad-message"]);
  for (const each of [ann, cam]) each.say("QUIT");
  bench.flush();
  assertEquals(bench.registry.size, 0);
});

Deno.test("once in a session's life, on whatever connection; after RESUME nothing of it comes again", () => {
  const { bench } = said(3);
  const bob = greet(bench, "bob");
  bob.say("REGISTER:bob:127.0.0.1:5001");
  const [welcome = ""] = bob.heard();
  const [, epoch, number, presence, token] = welcome.split(":");
  bob.say("REPLAY:50");
  assertEquals(bob.heard(), answer(1, 3));
  bob.hangUp();
  const again = greet(bench, "bob");
  again.say(`RESUME:${token}:${epoch}:${number}:${presence}:127.0.0.1:5001`);
  assertEquals(again.heardKinds(), ["WELCOME", "PING"]);
  again.say("REPLAY:50");
  assertEquals(again.heardKinds(), ["ERROR:bad-message"]);
});

Deno.test("who does not read gets it as its queue drains: the bound holds, nothing is lost, live follows", () => {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0, replay: 4_096 });
  const ann = join(bench, "ann", ANN);
  const text = "x".repeat(4_000);
  for (let i = 1; i <= 300; i++) ann.say(`SAY:${RUN}.${i}:4000:${text}`);
  ann.heard();
  const bob = join(bench, "bob");
  bob.stalled = [];
  bob.say("REPLAY:4096");
  const heard: string[] = [];
  for (let i = 301; i <= 400; i++) {
    ann.say(`SAY:${RUN}.${i}:4000:${text}`);
    bench.flush();
    assert(bob.queued <= MAX_QUEUED_BYTES, `${bob.queued} wait`);
    ann.heard();
  }
  assert(bob.queued <= 2 * LOW_WATER_BYTES + 5_000, `${bob.queued} wait: no more than a step`);
  for (let i = 0; i < 100; i++) {
    bob.take(50_000);
    heard.push(...bob.heard());
  }
  const kinds = heard.map((line) => line.split(":").slice(0, 1).join());
  assertEquals(kinds.lastIndexOf("PAST"), 300);
  assertEquals(kinds.filter((kind) => kind === "SAID").length, 100);
  assertEquals([kinds[0], kinds[301], bob.closed], ["REPLAYING", "REPLAYED", false]);
});

Deno.test("what the registry loses while it is read is left out, and the end says how many there were", () => {
  const bench = new RegistryBench({ messageRate: 0, maxPerIp: 0, replay: 4_096 });
  const ann = join(bench, "ann", ANN);
  const text = "x".repeat(4_000);
  let count = 0;
  const talk = (times: number) => {
    for (let i = 0; i < times; i++) ann.say(`SAY:${RUN}.${++count}:4000:${text}`);
    ann.heard();
  };
  talk(100);
  const bob = join(bench, "bob");
  bob.stalled = [];
  bob.say("REPLAY:4096");
  // More than 4 MiB of it.
  talk(1_200);
  const heard: string[] = [];
  for (let i = 0; i < 200; i++) {
    bob.take(50_000);
    heard.push(...bob.heard());
  }
  const past = heard.filter((line) => line.startsWith("PAST:"));
  assertEquals(heard[0], "REPLAYING:100:4096");
  assert(past.length > 10 && past.length < 60, `${past.length}`);
  assert(heard.includes(`REPLAYED:${past.length}`));
  assert(
    heard.some((line) => line.startsWith("GAP:")),
    "and the rest as for everybody who is slow",
  );
});
