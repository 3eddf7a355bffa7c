/** A link for bytes: two machines against each other, and each against somebody who says what it likes. */
import { RunningHash } from "../../lib/crypto/running_hash.ts";
import { formatLinkIdentity, linkPrologue } from "../../lib/protocol/private.ts";
import { formatPipe, newDataRoom } from "../../lib/protocol/pipe.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { PipePair, SinkSide, SourceSide } from "../support/pipe_pair.ts";
import { IDENTITIES, NAMES, OFFER, RawPeer, type Role, STATICS } from "../support/sealed_pair.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function hashOf(text: string): string {
  const hash = new RunningHash();
  hash.update(utf8(text));
  return hash.digest;
}

Deno.test("bytes there, hash back: done at both ends, once the receiver has given them away", () => {
  const { source, sink, pair } = opened();
  for (const text of ["one ", "two ", "three"]) source.say(text);
  source.wire.end();
  pair.carry();
  assertEquals([sink.taken, sink.complete], ["one two three", 1]);
  assertEquals([source.closed, sink.closed], [[], []], "not yet given away");
  sink.wire.delivered();
  pair.carry();
  assertEquals([source.closed, sink.closed], [["done"], ["done"]]);
  assertEquals([source.wire.total, source.wire.confirmed, sink.wire.total], [13, 13, 13]);
});

Deno.test("no bytes at all are a whole, too", () => {
  const { source, sink, pair } = opened();
  source.wire.end();
  pair.carry();
  sink.wire.delivered();
  pair.carry();
  assertEquals([source.closed, sink.closed, sink.taken], [["done"], ["done"], ""]);
});

Deno.test("2,500 full frames: across changes of the key, with the same hash", () => {
  const { source, sink, pair } = opened();
  for (let at = 0; at < 2_500; at++) {
    source.wire.room.fill(at);
    source.wire.filled(at % 100 === 0 ? source.wire.room.length : 1_000);
    pair.carry();
  }
  source.wire.end();
  pair.carry();
  sink.wire.delivered();
  pair.carry();
  assertEquals([source.closed, sink.closed], [["done"], ["done"]]);
});

Deno.test("closed on the way: the other side hears why, and the sender how much was given away", () => {
  for (const reason of ["quit", "output-closed"] as const) {
    const { source, sink, pair } = opened();
    source.say("0123456789");
    pair.carry();
    sink.wire.gave(7);
    sink.wire.close(reason);
    pair.carry();
    assertEquals([source.closed, source.wire.confirmed], [[reason], 7]);
  }
  const { source, sink, pair } = opened();
  source.say("0123");
  source.wire.close("quit");
  pair.carry();
  assertEquals([sink.closed, sink.taken, sink.complete], [["quit"], "0123", 0]);
});

Deno.test("alive: both say so every 5 s, and who hears nothing for 60 s takes it for lost", () => {
  const { source, sink, pair } = opened();
  for (pair.now = 5_000; pair.now <= 600_000; pair.now += 5_000) {
    source.wire.timeout(pair.now);
    sink.wire.timeout(pair.now);
    pair.carry();
  }
  assertEquals([source.closed, sink.closed], [[], []]);
  const last = pair.now - 5_000;
  for (let now = last; now <= last + 60_000; now += 5_000) {
    assertEquals(source.closed, []);
    source.wire.timeout(now);
    source.outbox.length = 0;
  }
  assertEquals(source.closed, ["lost"]);
});

Deno.test("a receiver whose reader is slow for ten minutes is not cut, and does not cut", () => {
  const { source, sink, pair } = opened();
  source.say("much");
  pair.carry();
  sink.wire.deaf(true, 0);
  for (pair.now = 5_000; pair.now <= 600_000; pair.now += 5_000) {
    source.wire.timeout(pair.now);
    // What the sender says stays in the system's buffers.
    source.outbox.length = 0;
    sink.wire.timeout(pair.now);
    pair.carry();
  }
  assertEquals([source.closed, sink.closed], [[], []]);
  sink.wire.deaf(false, pair.now);
  sink.wire.timeout(pair.now + 59_000);
  assertEquals(sink.closed, []);
});

Deno.test("a program that was stopped for long listens before it takes the other side for gone", () => {
  const { sink } = opened();
  sink.wire.timeout(300_000);
  assertEquals(sink.closed, []);
});

const MORE = "0123456789";
const NO_SENDER: Record<string, [readonly string[], string]> = {
  "END too early": [["DATA:0123", `END:10:${hashOf(MORE)}`], "bad-message"],
  "END of fewer than came": [[`DATA:${MORE}`, `END:4:${hashOf("0123")}`], "bad-message"],
  "another hash": [[`DATA:${MORE}`, `END:10:${hashOf("")}`], "hash-differs"],
  "DATA after END": [["DATA:a", `END:1:${hashOf("a")}`, "DATA:b"], "bad-message"],
  "a second END": [["DATA:a", `END:1:${hashOf("a")}`, `END:1:${hashOf("a")}`], "bad-message"],
  "no bytes": [["DATA:"], "bad-message"],
  "ALIVE with another total": [["DATA:a", "ALIVE:2"], "bad-message"],
  "DONE, which is the receiver's": [[`DONE:0:${hashOf("")}`], "bad-message"],
  "TEXT": [["TEXT:hello"], "bad-message"],
  "OPEN again": [["OPEN"], "bad-message"],
  "nonsense": [["\u0000\u0001"], "bad-message"],
};
for (const [what, [messages, reason]] of Object.entries(NO_SENDER)) {
  Deno.test(`a sender that says ${what}: ${reason}`, () => {
    const sink = new SinkSide();
    const peer = rawListener(sink);
    for (const message of messages) sink.wire.receive(peer.seal(utf8(message)), 0);
    assertEquals(sink.closed.map(String), [reason]);
    assertEquals(peer.open(sink.outbox.splice(0)).at(-1), `CLOSE:${reason}`);
    const { taken } = sink;
    sink.wire.receive(peer.seal(utf8("DATA:late")), 0);
    assertEquals(sink.taken, taken, "nothing is taken after the end");
  });
}

const NO_RECEIVER: Record<string, [readonly string[], string]> = {
  "DONE before END": [[`DONE:4:${hashOf("0123")}`], "bad-message"],
  "ALIVE above what was sent": [["ALIVE:5"], "bad-message"],
  "ALIVE that falls": [["ALIVE:3", "ALIVE:2"], "bad-message"],
  "DATA": [["DATA:a"], "bad-message"],
  "END": [[`END:0:${hashOf("")}`], "bad-message"],
  "TEXT": [["TEXT:hello"], "bad-message"],
};
for (const [what, [messages, reason]] of Object.entries(NO_RECEIVER)) {
  Deno.test(`a receiver that says ${what}: ${reason}`, () => {
    const source = new SourceSide();
    const peer = rawDialler(source);
    source.say("0123");
    for (const message of messages) source.wire.receive(peer.seal(utf8(message)), 0);
    assertEquals(source.closed.map(String), [reason]);
  });
}

Deno.test("a receiver whose DONE has another hash or total: never done", () => {
  for (
    const [done, reason] of [[`DONE:4:${hashOf("x")}`, "hash-differs"], [
      `DONE:3:${hashOf("012")}`,
      "bad-message",
    ]]
  ) {
    const source = new SourceSide();
    const peer = rawDialler(source);
    source.say("0123");
    source.wire.end();
    source.wire.receive(peer.seal(utf8(done ?? "")), 0);
    assertEquals(source.closed.map(String), [reason]);
  }
});

Deno.test("before OPEN nothing is sent, and DATA is refused", () => {
  const source = new SourceSide();
  source.say("early");
  assertEquals([source.outbox.length, source.wire.total], [0, 0]);
  const sink = new SinkSide();
  const peer = rawListener(sink, false);
  sink.wire.receive(peer.seal(formatPipe({ verb: "DATA", bytes: utf8("early") })), 0);
  assertEquals([sink.taken, sink.closed], ["", ["bad-message"]]);
});

Deno.test("a bit changed in a full frame: bad-tag, and none of its bytes is taken", () => {
  const { source, sink } = opened();
  source.wire.filled(newDataRoom().length - 5);
  const [frame = new Uint8Array(0)] = source.outbox.splice(0);
  frame[40_000] = (frame[40_000] ?? 0) ^ 1;
  sink.wire.receive(frame, 0);
  assertEquals([sink.closed, sink.taken, sink.wire.total], [["bad-tag"], "", 0]);
});

function opened(): { pair: PipePair; source: SourceSide; sink: SinkSide } {
  const pair = new PipePair();
  assertEquals([pair.source.opened, pair.sink.opened], [1, 1]);
  return { pair, source: pair.source, sink: pair.sink };
}

/** Somebody who has ann's keys, and speaks to `sink`; up to OPEN. */
function rawListener(sink: SinkSide, opens = true): RawPeer {
  const peer = new RawPeer("listener");
  for (const frame of sink.outbox.splice(0)) peer.read(frame);
  sink.wire.receive(peer.write(introduction("listener")), 0);
  for (const frame of sink.outbox.splice(0)) peer.read(frame);
  if (opens) sink.wire.receive(peer.seal(utf8("OPEN")), 0);
  assertEquals(sink.opened, opens ? 1 : 0);
  return peer;
}

/** The same with bob's, who speaks to `source`. */
function rawDialler(source: SourceSide): RawPeer {
  const peer = new RawPeer("dialler", {
    prologue: linkPrologue(NAMES.dialler, NAMES.listener, OFFER),
  });
  source.wire.receive(peer.write(new Uint8Array(0)), 0);
  for (const frame of source.outbox.splice(0)) peer.read(frame);
  source.wire.receive(peer.write(introduction("dialler")), 0);
  assertEquals(peer.open(source.outbox.splice(0)), ["OPEN"]);
  assert(source.opened === 1);
  return peer;
}

function introduction(role: Role): Uint8Array {
  const { publicKey, kept, sign } = IDENTITIES[role];
  const fields = [NAMES[role], kept ? "kept" : "session", STATICS[role].publicKey.toHex()];
  const signature = sign("confab-static-v1", fields);
  return utf8(formatLinkIdentity({ name: NAMES[role], key: { publicKey, kept }, signature }));
}
