/** A registry that says what none should: no harm, no busy loop, nothing without a bound. */
import { Client } from "../../lib/peer/client.ts";
import type { ClientEvent } from "../../lib/peer/events.ts";
import { identityOf } from "../../lib/crypto/identity.ts";
import { MAX_ROSTER } from "../../lib/peer/limits.ts";
import { Roster } from "../../lib/peer/roster.ts";
import { Self } from "../../lib/peer/self.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { FakeRegistry, OWN_KEY } from "../support/fake_registry.ts";
import { PATIENCE_MS } from "../support/eventually.ts";
import { testWith } from "../support/permitted.ts";
import {
  EPOCH,
  PlayedRegistry,
  RUN,
  said,
  SESSION,
  user,
  welcome,
} from "../support/played_registry.ts";

const OTHER_EPOCH = "9".repeat(16);
const MOST = 2 ** 53 - 1;
const BOB = user("bob", "b0");

function inRoom(number = 0): PlayedRegistry {
  const it = new PlayedRegistry();
  it.register({ number }, [BOB]);
  it.events.length = 0;
  return it;
}

function verbs(payloads: readonly string[]): string[] {
  return payloads.map((each) => each.split(":")[0] ?? "");
}

/** What a right registry never says to somebody who has just resumed. */
const WRONG: Record<string, readonly string[]> = {
  "an unknown verb": ["NONSENSE:1"],
  "a second WELCOME": [welcome()],
  "a message of another run": [said(1, "bob", "-", "hi", OTHER_EPOCH)],
  "a roster without us": [`ROSTER:0:${BOB}`],
  "an empty roster": ["ROSTER:0"],
  "a roster with us as another session": [
    new PlayedRegistry().roster([BOB], "ann", "a9".repeat(8)),
  ],
  "a second roster": [
    new PlayedRegistry().roster([BOB]),
    new PlayedRegistry().roster([BOB]),
  ],
  "a roster after a leave": ["LEFT:2:0000000000000000", new PlayedRegistry().roster([BOB])],
  "an acknowledgement of another run": [`ACK:${RUN}.1:${OTHER_EPOCH}:1`],
  "a join within a roster": [`ROSTER:1:${BOB}`, `JOINED:2:${user("eve", "e0")}`],
  "a leave within a roster": [`ROSTER:1:${BOB}`, "LEFT:2:b0b0b0b0b0b0b0b0"],
  "a wait of more than an hour": ["RETRY:3601"],
  "a number beyond all": [`GAP:1:${MOST + 1}`],
  "a name longer than any": [`JOINED:2:${user("x".repeat(41), "e0")}`],
};

for (const [what, payloads] of Object.entries(WRONG)) {
  Deno.test(`${what}: told, the connection is ended, and the next one begins from the start`, () => {
    const it = inRoom();
    it.say("mine");
    it.reconnect();
    it.resume();
    it.tell(...payloads);
    const errors = ["not-connected", "bad-message", "not-connected"];
    assertEquals([it.connected, it.errors, it.engine.pending], [false, errors, 1]);
    assertEquals(it.engine.peers.map(({ username }) => username), ["bob"]);
    it.pass(1_000, () => it.connected);
    assertEquals(verbs(it.greet()), ["IDENTITY", "REGISTER"], "not from where it went wrong");
  });
}

/** What a right registry never answers to RESUME. */
const WRONG_ANSWERS: Record<string, string> = {
  "WELCOME of another run": welcome({ epoch: OTHER_EPOCH, number: 10 }),
  "WELCOME with a number behind ours": welcome({ number: 9 }),
  "bad-message": "ERROR:bad-message:a number that has not been reached",
  "a code of its own": "ERROR:whatever:no",
};

for (const [what, answer] of Object.entries(WRONG_ANSWERS)) {
  Deno.test(`RESUME answered by ${what}: told, and the next connection registers`, () => {
    const it = inRoom(10);
    it.reconnect();
    it.greet();
    it.tell(answer);
    assertEquals([it.connected, it.errors.length], [false, 2]);
    it.pass(1_000, () => it.connected);
    assertEquals(verbs(it.greet()), ["IDENTITY", "REGISTER"]);
    assertEquals(it.told("resumed"), []);
  });
}

Deno.test("RESUME refused for reasons of the moment: the token is kept", () => {
  for (const code of ["full", "flood", "closing", "idle"]) {
    const it = inRoom();
    it.reconnect();
    it.greet();
    it.tell(`ERROR:${code}:not now`);
    it.pass(1_000, () => it.connected);
    assertEquals(verbs(it.greet()), ["IDENTITY", "RESUME"], code);
  }
});

Deno.test("a roster without WELCOME, or with two: not let in by it", () => {
  for (const payloads of [[], [welcome(), welcome()]]) {
    const it = new PlayedRegistry();
    it.greet();
    it.tell(...payloads, it.roster());
    assertEquals([it.engine.outcome?.reason, it.told("registered")], ["not-connected", []]);
    assertEquals(it.errors[0], "bad-message");
  }
});

Deno.test("a roster in the middle of it all is none", () => {
  const it = inRoom();
  it.tell(it.roster([]));
  assertEquals([it.connected, it.errors[0]], [false, "bad-message"]);
  assertEquals(it.engine.peers.map(({ username }) => username), ["bob"]);
});

Deno.test("answers to what was never said, and notices of ourselves: nothing", () => {
  const it = inRoom(10);
  it.say("one");
  it.take();
  const strange = "d".repeat(16);
  it.tell(
    `ACK:${strange}.1:${EPOCH}:11`,
    `ACK:${RUN}.2:${EPOCH}:11`,
    `ACK:${RUN}.${MOST}:${EPOCH}:11`,
    `NAK:${strange}.1:flood:no`,
    `NAK:${RUN}.7:flood:no`,
    `LEFT:2:${SESSION}`,
    `JOINED:3:${user("ann", "a9")}`,
    `JOINED:3:ann:10.0.0.1:5000:${SESSION}:-`,
    `JOINED:3:eve:10.0.0.1:5000:${SESSION}:-`,
    "GAP:5:9",
    said(10, "bob", "-", "again"),
    said(4, "bob", "-", "from before"),
    "BROADCAST:bob:2:hi",
    `UPDATE:JOIN:${user("eve", "e0")}`,
    "UPDATE:LEAVE:bob:10.0.0.9:5000",
    "LIST:ann:10.0.0.1:5000",
    "PONG:abc",
  );
  assertEquals([it.events, it.take(), it.engine.pending], [[], [], 1]);
  it.tell(said(11, "bob", "-", "hi"), said(12, "ann", "-", "as if I had said it"));
  assertEquals(it.heard, ["bob: hi"]);
  assertEquals(it.engine.peers.map(({ username }) => username), ["bob"]);
  it.reconnect();
  assertEquals(it.greet()[1]?.split(":").slice(2, 5), [EPOCH, "12", "3"]);
});

Deno.test("a huge gap is told as what can be missing at most; no number can be passed after it", () => {
  const it = inRoom(10);
  it.tell(`GAP:${MOST}:20`, said(21, "bob", "-", "hi"), `GAP:${MOST}:${MOST}`);
  assertEquals(it.told("gap").map(({ missed }) => missed), [10, MOST - 21]);
  it.tell(said(MOST, "bob", "-", "no"));
  assertEquals(it.heard, ["bob: hi"]);
});

Deno.test("a token that is always refused, in whatever way: the waits grow", () => {
  for (const answer of ["ERROR:no-session:no", "ERROR:bad-message:no"]) {
    const it = inRoom();
    const started = it.now;
    for (let i = 0; i < 100; i++) {
      it.reconnect();
      it.greet();
      it.tell(answer);
      if (!it.connected) it.pass(60_000, () => it.connected);
      else it.tell(welcome(), it.roster());
    }
    assert(it.now - started > 100 * 10_000, `${answer}: 100 times in ${it.now - started} ms`);
  }
});

Deno.test("endless RETRY is one wait", () => {
  const it = inRoom();
  for (let i = 0; i < 1_000; i++) it.tell("RETRY:3600");
  const before = it.now;
  it.lose();
  it.pass(10_000_000, () => it.connected);
  assert(it.now - before <= 3_600_500, `${it.now - before}`);
});

Deno.test("a registry that lets everybody in, again and again, does not fill our memory", () => {
  const roster = new Roster(new Self("ann", identityOf(new Uint8Array(32).fill(0xaa), true)));
  const nobody = { ip: "10.0.0.9", udpPort: 5_000, key: undefined };
  const somebody = (n: number): KeyedUser => ({ ...nobody, username: `u${n}`, session: `${n}` });
  for (let n = 0; n < MAX_ROSTER; n++) roster.add(somebody(n));
  assertThrows(() => roster.add(somebody(MAX_ROSTER)), ProtocolError, "too many users");
  roster.add({ ...somebody(1), session: "another" });
  assertEquals([roster.users.length, roster.bySession("1")], [MAX_ROSTER, undefined]);
});

testWith(["net"], "a registry that asks without end and reads nothing is left", async () => {
  const roster = `ROSTER:0:ann:127.0.0.1:5001:${SESSION}:${OWN_KEY}`;
  await using registry = new FakeRegistry(() => [roster], { deaf: true });
  let left = false;
  const onEvent = (event: ClientEvent): void => {
    if (event.event === "error" && event.code === "not-connected") left = true;
  };
  await using client = new Client({ port: registry.port, username: "ann", onEvent });
  await client.registered;
  const pings = Array<string>(1_000).fill(`PING:${"f".repeat(16)}`);
  // The systems on the way hold some megabytes of the answers before the client has to: on a busy machine that takes longer.
  const until = performance.now() + 4 * PATIENCE_MS;
  while (!left && performance.now() < until) await registry.tell(...pings).catch(() => {});
  assert(left);
  await client.abort();
});
