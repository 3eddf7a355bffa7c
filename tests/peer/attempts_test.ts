/** What `/why` tells: the journal by itself, and what a chat's way into it leaves there. */
import { ATTEMPT_OUTCOMES, type AttemptNote, Attempts } from "../../lib/peer/attempts.ts";
import { MAX_ATTEMPTS_OF_PEER, MAX_TRIED_PEERS } from "../../lib/peer/limits.ts";
import type { WhyEvent } from "../../lib/peer/events.ts";
import { nameKey } from "../../lib/protocol/name.ts";
import { renderClientEvent } from "../../lib/ui/render.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

const BOB = nameKey("bob");
const note = (parts: Partial<AttemptNote> = {}): AttemptNote =>
  ({ step: "offer", outcome: "sent", path: "direct", of: "1", ...parts }) as AttemptNote;

/** What was tried, shortly: `offer sent 3`. */
function told({ engine, events }: VirtualClient, to: string, now: number): string[] {
  engine.command({ command: "why", to }, now);
  const why = events.findLast((event): event is WhyEvent => event.event === "why");
  assert(why);
  return why.attempts.map(({ step, outcome, count, reason = "" }) =>
    `${step} ${outcome} ${count} ${reason}`.trim()
  );
}

Deno.test("attempts: the same of one offer is counted, of another one it is listed", () => {
  const attempts = new Attempts();
  for (const at of [0, 250, 750]) attempts.note(BOB, note(), 1_000 + at);
  attempts.note(BOB, note({ of: "2" }), 5_000);
  attempts.note(BOB, note({ outcome: "pending", ms: 20 } as Partial<AttemptNote>), 5_020);
  assertEquals(attempts.sinceSent(BOB, "1", 1_300), 300);
  assertEquals(attempts.sinceSent(BOB, "3", 1_300), undefined);
  assertEquals(
    attempts.of(BOB, "bob", 11_000).map(({ ago, count }) => [ago, count]),
    [[10, 3], [6, 1], [6, 1]],
  );
});

Deno.test("attempts: bounded for a peer and in all; what is old goes", () => {
  const attempts = new Attempts();
  for (let n = 0; n < 50; n++) attempts.note(BOB, note({ of: `${n}` }), n * 1_000);
  const kept = attempts.of(BOB, "bob", 49_000);
  assertEquals([kept.length, kept.at(-1)?.ago], [MAX_ATTEMPTS_OF_PEER, 0]);
  for (let n = 0; n < MAX_TRIED_PEERS; n++) attempts.note(nameKey(`user${n}`), note(), 60_000);
  assertEquals(attempts.of(BOB, "bob", 60_000), []);
});

Deno.test("attempts: every outcome is shown in words, whoever's the name is", () => {
  const steps = Object.entries(ATTEMPT_OUTCOMES);
  for (const [step, outcomes] of steps) {
    for (const outcome of outcomes) {
      const attempts = new Attempts();
      const address = { ip: "2001:db8::5", port: 7 };
      const given = { step, outcome, address, ms: 12.3, reason: "lost" } as Partial<AttemptNote>;
      attempts.note(BOB, note(given), 0);
      const peer = "b\u202eob";
      const event = { event: "why", peer, attempts: attempts.of(BOB, peer, 61_000) } as const;
      const lines = renderClientEvent(event);
      assert(lines.length >= 2, `${step} ${outcome}`);
      for (const line of lines) assert(!/undefined|\u202e|\[object/.test(line), line);
    }
  }
});

Deno.test("why: a chat that opens: asked, acknowledged, accepted, proven, open, ended", () => {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob")];
  world.pass(100);
  assertEquals(told(ann, "bob", world.now), []);
  assertEquals(renderClientEvent({ event: "why", peer: "bob", attempts: [] }), [
    "-!- bob: nothing was tried yet; /start bob",
  ]);
  ann.engine.command({ command: "start", to: "bob" }, world.now);
  world.pass(100);
  bob.engine.command({ command: "accept", to: "ann" }, world.now);
  world.pass(500);
  const opened = [
    "listen listening 1",
    "offer sent 1",
    "offer pending 1",
    "offer accepted 1",
    "accept connected 1",
    "handshake done 1",
    "session open 1",
  ];
  assertEquals(told(ann, "BOB", world.now), opened);
  assertEquals(told(bob, "ann", world.now), [
    "invite asked 1",
    "invite accepted 1",
    "dial connected 1",
    "handshake done 1",
    "session open 1",
  ]);
  bob.engine.command({ command: "close", to: "ann" }, world.now);
  world.pass(500);
  assertEquals(told(ann, "bob", world.now), [...opened, "session closed 1 closed"]);
});

Deno.test("why: a UDP port that is silent: how often it was asked, and what to do", () => {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob")];
  world.pass(100);
  world.fate = () => undefined;
  ann.engine.command({ command: "start", to: "bob" }, world.now);
  world.pass(11_000);
  assertEquals(told(ann, "bob", world.now), [
    "listen listening 1",
    "offer sent 6",
    "offer no-answer 1",
  ]);
  const why = ann.events.findLast((event): event is WhyEvent => event.event === "why");
  const [, sent, ended] = why?.attempts ?? [];
  assertEquals(sent?.address?.ip, bob.ip);
  assertEquals([sent?.ago, ended?.ago], [11, 1]);
  assertMatch(ended?.advice ?? "", /bob's UDP port did not answer.*confab-client doctor/);
  assert(why);
  const lines = renderClientEvent(why);
  assertMatch(lines[2] ?? "", /^-!-\s+11 s ago\s+asked by UDP at 10\.0\.0\.2:\d+: 6 datagrams$/);
  assertMatch(lines[4] ?? "", /-> bob's UDP port did not answer/);
});

Deno.test("why: a dial that is refused, rejected and withdrawn offers, and nobody of that name", () => {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob")];
  world.pass(100);
  ann.engine.command({ command: "start", to: "bob" }, world.now);
  world.pass(100);
  world.tcp.clear();
  bob.engine.command({ command: "accept", to: "ann" }, world.now);
  world.pass(100);
  assertEquals(told(bob, "ann", world.now), [
    "invite asked 1",
    "invite accepted 1",
    "dial refused 1",
  ]);
  assertMatch(
    renderClientEvent(bob.events.at(-1) ?? { event: "bye", reason: "" }).join("\n"),
    /dialled 10\.0\.0\.1:\d+: refused\n.*-> nothing listens there any more/,
  );
  ann.engine.command({ command: "close", to: "bob" }, world.now);
  assertEquals(told(ann, "bob", world.now).at(-1), "offer withdrawn 1");

  ann.engine.command({ command: "start", to: "bob" }, world.now);
  world.pass(100);
  bob.engine.command({ command: "reject", to: "ann" }, world.now);
  world.pass(100);
  assertEquals(told(ann, "bob", world.now).at(-1), "offer rejected 1");
  assertEquals(told(bob, "ann", world.now).at(-1), "invite rejected 1");
  assertEquals(told(ann, "nobody", world.now), []);
});

Deno.test("why: a link that keeps silent is a handshake that failed", () => {
  const world = new VirtualWorld();
  const [ann, bob] = [world.add("ann"), world.add("bob", { accept: "all" })];
  world.pass(100);
  world.tap = () => [];
  ann.engine.command({ command: "start", to: "bob" }, world.now);
  world.pass(11_000);
  const atBob = told(bob, "ann", world.now);
  assert(atBob.includes("dial connected 1"), atBob.join());
  assert(atBob.includes("handshake failed 1 no-answer"), atBob.join());
});
