/** A connection to the registry that is lost: when it is made again, and as whom. */
import { identityOf } from "../../lib/crypto/identity.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { EPOCH, PlayedRegistry, said, TOKEN, user, welcome } from "../support/played_registry.ts";

const SECOND_TOKEN = "51".repeat(16);

function inRoom(random?: () => number): PlayedRegistry {
  const it = new PlayedRegistry(random);
  it.register();
  return it;
}

/** How long the client waits before it connects again, in milliseconds. */
function wait(it: PlayedRegistry): number {
  const before = it.now;
  it.pass(4_000_000, () => it.connected);
  return it.now - before;
}

function verbs(payloads: readonly string[]): string[] {
  return payloads.map((each) => each.split(":")[0] ?? "");
}

Deno.test("a roster that comes slowly is waited for as long as it comes; then ten seconds", () => {
  for (const complete of [true, false]) {
    const it = inRoom();
    it.reconnect();
    it.greet();
    it.tell("ERROR:no-session:gone", welcome());
    const others = Array.from({ length: 100 }, (_, i) => user(`user${i}`, "b0"));
    const frame = encodeFrame(it.roster(others));
    const sent = complete ? frame.length : frame.length - 1;
    for (let at = 0; at < sent; at += 500) {
      it.pass(9_000);
      assert(it.connected, `after ${at} bytes`);
      it.engine.registryReceived(frame.slice(at, Math.min(at + 500, sent)), it.now);
    }
    const dialled = it.dialled;
    it.pass(9_000);
    assertEquals([it.connected, it.dialled], [true, dialled]);
    it.pass(2_000, () => !it.connected);
    assertEquals([it.connected, it.told("registered").length], complete ? [true, 2] : [false, 1]);
  }
});

Deno.test("backoff: a random part of 0.5 s, 1 s, 2 s and so on up to 30 s; from the start again once in", () => {
  for (const share of [0, 0.25, 0.999]) {
    const it = inRoom(() => share);
    it.pass(1_000);
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      it.lose();
      waits.push(wait(it));
    }
    const longest = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000];
    assertEquals(waits.map(Math.round), longest.map((ms) => Math.round(ms * share)), `${share}`);
    it.resume();
    it.pass(1_000);
    it.lose();
    assertEquals(wait(it), 500 * share);
  }
});

Deno.test("backoff: the waits are spread over the whole of their time", () => {
  const seed = seedOfRun();
  const dice = new Dice(seed);
  const waits = Array.from({ length: 200 }, () => {
    const it = inRoom(() => dice.below(1_000) / 1_000);
    it.lose();
    return wait(it);
  });
  for (const from of [0, 100, 200, 300, 400]) {
    const count = waits.filter((ms) => ms >= from && ms < from + 100).length;
    assert(count > 10, `CONFAB_SEED=${seed}: ${count} of 200 in ${from} to ${from + 100} ms`);
  }
});

Deno.test("a registry that lets in and ends it at once is not tried faster and faster", () => {
  const it = inRoom();
  it.pass(1_000);
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    it.lose();
    waits.push(wait(it));
    it.resume();
  }
  assertEquals(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

Deno.test("RETRY is a lower bound, for the next time alone; those who wait for it do not come all at once", () => {
  const it = inRoom();
  it.pass(1_000);
  it.tell("RETRY:20", "ERROR:closing:the registry is stopping");
  it.lose();
  assertEquals(wait(it), 20_250);
  it.lose();
  assertEquals(wait(it), 500);
  it.resume();
  it.tell("RETRY:5");
  it.pass(6_000);
  it.lose();
  assertEquals(wait(it), 250, "it is over");
});

Deno.test("each token is used once: WELCOME brings the next; where it was lost, the one that there is", () => {
  const it = inRoom();
  it.reconnect();
  assertEquals(it.greet()[1], `RESUME:${TOKEN}:${EPOCH}:0:1:10.0.0.1:5000`);
  it.reconnect();
  assertEquals(it.greet()[1], `RESUME:${TOKEN}:${EPOCH}:0:1:10.0.0.1:5000`, "WELCOME was lost");
  it.tell(welcome({ token: SECOND_TOKEN, number: 3 }), "PING:1f");
  assertEquals(it.take(), ["PONG:1f"]);
  it.reconnect();
  const next = it.greet()[1];
  assertEquals(next, `RESUME:${SECOND_TOKEN}:${EPOCH}:0:1:10.0.0.1:5000`, "and nothing was read");
});

Deno.test("no-session: REGISTER on the same connection, with another token from then on", () => {
  const it = inRoom();
  it.reconnect();
  it.greet();
  const dialled = it.dialled;
  it.tell("ERROR:no-session:the grace is over");
  assertEquals(it.take(), ["REGISTER:ann:10.0.0.1:5000"]);
  it.tell(welcome({ token: SECOND_TOKEN, presence: 4 }), it.roster([], "ann~2", "a1".repeat(8)));
  assertEquals([it.dialled, it.errors], [dialled, ["not-connected"]], "our user need not know");
  assertEquals(it.told("registered").map(({ username }) => username), ["ann", "ann~2"]);
  it.reconnect();
  assertEquals(it.greet()[1], `RESUME:${SECOND_TOKEN}:${EPOCH}:0:4:10.0.0.1:5000`);
});

Deno.test("a connection that breaks between WELCOME and the roster has not let us in", () => {
  const it = inRoom();
  it.reconnect();
  it.greet();
  it.tell("ERROR:no-session:gone", welcome({ token: SECOND_TOKEN, number: 9 }));
  it.reconnect();
  assertEquals(verbs(it.greet()), ["IDENTITY", "REGISTER"]);
  it.tell(welcome({ number: 11 }), it.roster());
  assertEquals(it.told("gap").map(({ missed }) => missed), [11], "all since we were here");
});

Deno.test("another registry does not get the token", () => {
  const it = new PlayedRegistry();
  it.capabilities = "keys,resume,ephemeral";
  it.register();
  const { identity } = it;
  it.identity = identityOf(new Uint8Array(32).fill(0x22), true);
  it.reconnect();
  assertEquals(verbs(it.greet()), ["IDENTITY", "REGISTER"]);
  it.identity = identity;
  it.reconnect();
  assertEquals(verbs(it.greet()), ["IDENTITY", "REGISTER"], "and it is forgotten");
});

Deno.test("taken over: told, never tried again; what waited is told as not sent; quitting is at once", () => {
  for (const when of ["in the room", "as the answer to RESUME"]) {
    const it = inRoom();
    it.say("one");
    if (when === "as the answer to RESUME") {
      it.reconnect();
      it.say("two");
      it.greet();
    } else {
      it.say("two");
    }
    const dialled = it.dialled;
    it.tell("ERROR:taken-over:by another session", "ERROR:closing:and nothing of this is heard");
    assertEquals([it.connected, it.errors.at(-1)], [false, "taken-over"], when);
    assertStringIncludes(it.told("error").at(-1)?.message ?? "", "2 messages were not sent");
    it.pass(3_600_000);
    assertEquals([it.dialled, it.engine.outcome], [dialled, undefined]);
    it.say("three");
    assertEquals([it.errors.at(-1), it.engine.pending], ["not-connected", 0]);
    it.engine.quit(true, it.now);
    assertEquals(it.engine.outcome, { reason: "quit", message: "" });
  }
});

Deno.test("taken over from the registry without `resume`: the same", () => {
  const it = new PlayedRegistry();
  it.capabilities = "keys";
  it.greet();
  it.tell(it.roster(), "ERROR:taken-over:by another session");
  it.pass(600_000);
  assertEquals([it.dialled, it.connected, it.errors], [1, false, ["taken-over"]]);
});

Deno.test("heartbeat: after 15 s and 30 s of silence PING; after 45 s the connection is dead", () => {
  const it = inRoom();
  it.pass(14_999);
  assertEquals(it.take(), []);
  it.pass(1);
  assertEquals(verbs(it.take()), ["PING"]);
  it.pass(14_999);
  assertEquals(it.take(), []);
  it.pass(1);
  assertEquals(verbs(it.take()), ["PING"]);
  it.pass(14_999);
  assertEquals([it.take(), it.connected, it.errors], [[], true, []]);
  it.pass(1);
  assertEquals([it.connected, it.errors], [false, ["not-connected"]]);
  assertEquals([wait(it), verbs(it.greet())], [250, ["IDENTITY", "RESUME"]]);
});

Deno.test("heartbeat: whatever is heard begins the silence anew; PONG answers PING", () => {
  const it = inRoom();
  for (
    const payload of ["PONG:1", "PING:ab", said(1, "bob", "-", "hi"), "LEFT:2:" + "0".repeat(16)]
  ) {
    it.pass(44_000);
    assertEquals(verbs(it.take()), ["PING", "PING"]);
    it.tell(payload);
    assertEquals(it.take(), payload === "PING:ab" ? ["PONG:ab"] : []);
  }
  it.pass(44_999);
  assertEquals([it.connected, it.errors], [true, []]);
});

Deno.test("heartbeat: none before the room, where 10 s are the bound", () => {
  const it = inRoom();
  it.reconnect();
  it.greet();
  it.pass(9_999);
  assertEquals([it.connected, it.take()], [true, []]);
  it.pass(1);
  assertEquals([it.connected, it.errors], [false, ["not-connected"]], "told when it was lost");
});

Deno.test("a failure of the first registration is the end, as it ever was", () => {
  for (const end of ["ERROR:name-taken:no", "ERROR:taken-over:no", "ERROR:no-session:no", ""]) {
    const it = new PlayedRegistry();
    it.greet();
    it.tell(welcome());
    if (end === "") it.lose();
    else it.tell(end);
    const code = end.split(":")[1] ?? "not-connected";
    assertEquals([it.engine.outcome?.reason, it.dialled], [code, 1]);
  }
});

Deno.test("in by RESUME the own name, session and peers are what they were", () => {
  const it = new PlayedRegistry();
  it.register({}, [user("ann", "a2")], "ann~2");
  it.reconnect();
  it.resume();
  it.do({ command: "whoami" });
  assertEquals(it.told("whoami").at(-1)?.username, "ann~2");
  assertEquals(it.told("resumed"), [{ event: "resumed", username: "ann~2" }]);
  assertEquals(it.told("registered").length, 1);
  assertEquals(it.engine.peers.map(({ username }) => username), ["ann"]);
});
