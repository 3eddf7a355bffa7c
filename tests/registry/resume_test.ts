/** `docs/PROTOCOL.md` sections 10.7 and 10.9: sessions that outlive their connections. */
import type { CloseReason } from "../../lib/registry/events.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);
const BOB = identityNumber(2);

/** A bench with ann, who comes and goes, and a plain witness; all has been read. */
function setUp(options: { grace?: number; messageRate?: number } = {}) {
  const bench = new RegistryBench({ messageRate: 0, ...options });
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read();
  const witness = bench.join("witness");
  ann.read();
  return { bench, ann, witness };
}

/** What RESUME with that token is answered, on a new connection that has proven `identity` for `name`. */
function resume(
  bench: RegistryBench,
  ann: BenchCapable,
  token = ann.token,
  name = "ann",
  identity = ANN,
) {
  const client = bench.greetCapable(name, identity);
  const { epoch, number, presence } = ann;
  client.say(`RESUME:${token}:${epoch}:${number}:${presence}:127.0.0.1:5001`);
  return client;
}

function events(bench: RegistryBench): string[] {
  return bench.events.flatMap((event) => {
    if (event.event === "error" || event.username !== "ann") return [];
    return "reason" in event ? [`${event.event} ${event.reason}`] : [event.event];
  });
}

Deno.test("a lost session is in the room meanwhile, and gets what it missed; nobody sees that it was away", () => {
  const { bench, ann, witness } = setUp();
  ann.lose()?.hangUp();
  bench.pass(29_000);
  witness.say("BROADCAST:witness:3:one");
  const bob = bench.join("bob");
  bob.say("BROADCAST:bob:3:two");
  bob.hangUp();
  const cam = bench.joinKeyed("cam", identityNumber(3));
  witness.heard();
  assertEquals(bench.registry.size, 3);
  assertEquals(bench.ask("ann", BOB).heardKinds(), ["ERROR:name-taken"]);
  ann.connect();
  ann.read();
  cam.say("BROADCAST:cam:5:three");
  ann.read();
  assertEquals(ann.story, ["1 witness:one", "2 bob:two", "3 cam:three"]);
  assertEquals(ann.names, ["ann", "cam", "witness"]);
  assertEquals(ann.registrations, 1);
  assertEquals(witness.heard(), ["BROADCAST:cam:5:three"]);
  assertEquals(events(bench), ["join", "drop ended", "resume"]);
  const { drops, resumes, joins, leaves } = bench.counters;
  assertEquals([drops, resumes, joins, leaves], [1, 1, 4, 1]);
});

Deno.test("RESUME is answered by WELCOME with a new token, PING, then what was missed, then what goes on", () => {
  const { bench, ann, witness } = setUp();
  const { token } = ann;
  ann.lose()?.hangUp();
  witness.say("BROADCAST:witness:1:1");
  const link = resume(bench, ann);
  witness.say("BROADCAST:witness:1:2");
  const heard = link.heard();
  assertEquals(heard.map((line) => line.split(":")[0]), ["WELCOME", "PING", "SAID", "SAID"]);
  const [, epoch, number, presence, next] = heard[0]?.split(":") ?? [];
  assertEquals([epoch, number, presence], [ann.epoch, "1", String(ann.presence)]);
  assert(next !== token);
});

Deno.test("the grace is over: leave, for the reason it was lost; no-session, and REGISTER on the same connection", () => {
  const { bench, ann, witness } = setUp();
  ann.lose()?.hangUp();
  bench.pass(29_999);
  assertEquals(witness.heard(), []);
  bench.pass(1);
  assertEquals(witness.heard(), ["UPDATE:LEAVE:ann:127.0.0.1:5001"]);
  const link = resume(bench, ann);
  assertEquals(link.heardKinds(), ["ERROR:no-session"]);
  link.say("REGISTER:ann:127.0.0.1:5001");
  assertEquals(link.heardKinds(), ["WELCOME", "ROSTER"]);
  assertEquals(events(bench), ["join", "drop ended", "leave ended", "join"]);
});

Deno.test("grace 0: a lost session has left at once", () => {
  const { bench, ann, witness } = setUp({ grace: 0 });
  ann.lose()?.hangUp();
  assertEquals(witness.heard(), ["UPDATE:LEAVE:ann:127.0.0.1:5001"]);
  assertEquals(resume(bench, ann).heardKinds(), ["ERROR:no-session"]);
  assertEquals(events(bench), ["join", "leave ended"]);
});

const ENDS: readonly (readonly [
  CloseReason,
  "drop" | "leave",
  (ann: BenchClient, bench: RegistryBench) => void,
])[] = [
  ["ended", "drop", (link) => link.hangUp()],
  ["idle", "drop", (_, bench) => bench.pass(46_000)],
  ["slow", "drop", (link, bench) => {
    link.stalled = [];
    const talker = bench.join("talker");
    for (let i = 0; i < 70; i++) talker.say(`BROADCAST:talker:4000:${"x".repeat(4_000)}`);
    bench.pass(10_001);
  }],
  ["quit", "leave", (link) => link.say("QUIT")],
  ["bad-frame", "leave", (link) => link.raw(new Uint8Array(4))],
  ["taken-over", "leave", (_, bench) => {
    bench.ask("ann", ANN);
    bench.pass(500);
  }],
];

for (const [reason, then, end] of ENDS) {
  Deno.test(`a connection that ends as ${reason}: ${then}`, () => {
    const { bench, ann } = setUp();
    const { link } = ann;
    assert(link);
    end(link, bench);
    link.hangUp();
    assertEquals(events(bench).slice(0, 2), ["join", `${then} ${reason}`]);
    assertEquals(bench.counters.closes[reason], 1);
    const kinds = resume(bench, ann).heardKinds();
    const refused = reason === "taken-over" ? "ERROR:taken-over" : "ERROR:no-session";
    assertEquals(kinds[0], then === "drop" ? "WELCOME" : refused);
  });
}

Deno.test("a token: only with the key and the name it was given for, in its epoch", () => {
  const { bench, ann } = setUp();
  const bob = new BenchCapable(bench, "bob", BOB);
  bob.connect();
  bob.read();
  ann.lose()?.hangUp();
  const epoch = "f".repeat(16);
  const strangers = [
    resume(bench, ann, ann.token, "bob", BOB),
    resume(bench, ann, ann.token, "eve", identityNumber(7)),
    resume(bench, ann, ann.token, "eve", ANN),
    resume(bench, ann, bob.token),
    resume(bench, ann, "0".repeat(32)),
    resume(bench, Object.assign(new BenchCapable(bench, "ann", ANN), ann, { epoch })),
  ];
  for (const stranger of strangers) assertEquals(stranger.heardKinds(), ["ERROR:no-session"]);
  assertEquals(resume(bench, ann, ann.token, "ANN").heardKinds()[0], "WELCOME", "any spelling");
});

Deno.test("RESUME after an IDENTITY that was refused: bad-proof; after REGISTER: already-registered", () => {
  const { bench, ann } = setUp();
  ann.lose()?.hangUp();
  const wrong = bench.greet("127.0.0.1", undefined, "keys,resume");
  wrong.say(bench.claim(wrong, "ann", ANN).replace(/.{8}$/, "00000000"));
  wrong.say(`RESUME:${ann.token}:${ann.epoch}:0:0:127.0.0.1:5001`);
  assertEquals(wrong.heardKinds(), ["ERROR:bad-proof", "ERROR:bad-proof"]);
  const back = resume(bench, ann);
  back.heard();
  back.say(`RESUME:${ann.token}:${ann.epoch}:0:0:127.0.0.1:5001`);
  assertEquals(back.heardKinds(), ["ERROR:already-registered"]);
});

Deno.test("WELCOME is lost on the way: the first token is still good, until its PING is answered", () => {
  const { bench, ann } = setUp();
  ann.lose()?.hangUp();
  resume(bench, ann).hangUp();
  resume(bench, ann).hangUp();
  const link = resume(bench, ann);
  const [, , , , next] = link.heard().find((line) => line.startsWith("WELCOME:"))?.split(":") ?? [];
  // Both are good now.
  link.hangUp();
  const again = resume(bench, ann, next);
  assertEquals(resume(bench, ann).heardKinds(), ["ERROR:no-session"], "the new one has been used");
  const [, , , , last] = again.heard()[0]?.split(":") ?? [];
  again.hangUp();
  const third = resume(bench, ann, last);
  third.pong();
  third.hangUp();
  assertEquals(resume(bench, ann, last).heardKinds(), ["ERROR:no-session"], "after PONG");
});

Deno.test("an old connection that is still open is closed without a word; what it still sends counts for nothing", () => {
  const { bench, ann, witness } = setUp();
  const old = ann.lose();
  assert(old);
  old.heard();
  const back = resume(bench, ann);
  assertEquals([old.closed, old.heard()], [true, []]);
  old.say("BROADCAST:ann:5:ghost");
  old.say("QUIT");
  old.hangUp();
  back.say("BROADCAST:ann:2:hi");
  assertEquals(witness.heard(), ["BROADCAST:ann:2:hi"]);
  assertEquals(bench.counters.closes.resumed, 1);
});

Deno.test("another address: the others are told, leave then join, of the same session", () => {
  const { bench, ann, witness } = setUp();
  const bob = new BenchCapable(bench, "bob", BOB);
  bob.connect();
  bob.read();
  const { session } = ann;
  ann.lose()?.hangUp();
  witness.heard();
  ann.udpPort = 6_001;
  ann.connect();
  ann.read();
  assertEquals(witness.heard(), [
    "UPDATE:LEAVE:ann:127.0.0.1:5001",
    "UPDATE:JOIN:ann:127.0.0.1:6001",
  ]);
  bob.read();
  assertEquals(bob.roster.get(session)?.udpPort, 6_001);
  assertEquals(ann.names, ["ann", "bob", "witness"]);
  assertEquals(bench.events.at(-1), {
    event: "resume",
    username: "ann",
    ip: "127.0.0.1",
    udpPort: 6_001,
  });
  const late = bench.connect("framed");
  late.say("REGISTER:late:127.0.0.1:5001");
  assertMatch(late.heard().join(), /:ann:127\.0\.0\.1:6001/);
});

Deno.test("an address in RESUME is checked as in REGISTER, and a number that was not reached is refused", () => {
  const { bench, ann } = setUp();
  const { token, epoch } = ann;
  const link = bench.greetCapable("ann", ANN);
  for (
    const rest of [
      "0:0:0.0.0.0:5001",
      "0:0:224.0.0.1:5001",
      "1:0:127.0.0.1:5001",
      "0:9:127.0.0.1:5001",
    ]
  ) {
    link.say(`RESUME:${token}:${epoch}:${rest}`);
  }
  assertEquals(link.heardKinds(), Array(4).fill("ERROR:bad-message"));
  assertEquals(ann.link?.closed, false, "nothing has happened to the session");
});

Deno.test("what was said before it came is not for it, whatever it says to have read", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const first = new BenchCapable(bench, "bob", BOB);
  first.connect();
  first.read();
  first.say("secret");
  first.read();
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read();
  first.say("hello");
  ann.lose()?.hangUp();
  ann.number = 0;
  ann.connect();
  ann.read();
  assertEquals(ann.story, ["2 bob:hello"]);
});

Deno.test("what has no answer is sent again: taken once, acknowledged with its number", () => {
  const { ann, witness } = setUp();
  ann.say("one");
  ann.say("two");
  const half = ann.lose();
  ann.say("three");
  half?.hangUp();
  ann.connect();
  ann.read();
  ann.read();
  assertEquals(witness.heard().map((line) => line.split(":")[3]), ["one", "two", "three"]);
  assertEquals(ann.acknowledged, ["one", "two", "three"]);
  assertEquals(ann.story, ["1 own", "2 own", "3 own"]);
});

Deno.test("its rate is the session's: a new connection begins with no new burst", () => {
  const { ann, witness } = setUp({ messageRate: 10 });
  for (let i = 0; i < 30; i++) ann.say("x");
  ann.read();
  const taken = witness.heard().length;
  ann.lose()?.hangUp();
  ann.connect();
  ann.read();
  for (let i = 0; i < 30; i++) ann.say("y");
  assert(taken > 10 && witness.heard().length < 3, "resends count, too");
});

Deno.test("takeover: a lost session is not asked, it has ended; its RESUME is answered taken-over", () => {
  const { bench, ann, witness } = setUp();
  ann.lose()?.hangUp();
  const other = bench.ask("ann", ANN);
  assertMatch(other.heard().join(), /^ROSTER:0:ann:/);
  assertEquals(witness.heard(), [
    "UPDATE:LEAVE:ann:127.0.0.1:5001",
    "UPDATE:JOIN:ann:127.0.0.1:5001",
  ]);
  for (const stranger of [resume(bench, ann, ann.token, "bob", BOB)]) {
    assertEquals([stranger.closed, ...stranger.heardKinds()], [false, "ERROR:no-session"]);
  }
  const back = resume(bench, ann);
  assertEquals([back.closed, ...back.heardKinds()], [true, "ERROR:taken-over"]);
  assertEquals(other.closed, false);
});

Deno.test("takeover: one that is asked and then lost has ended; one that comes back by RESUME has answered", () => {
  const { bench, ann } = setUp();
  const second = bench.ask("ann", ANN);
  ann.lose()?.hangUp();
  assertMatch(second.heard().join(), /^ROSTER:0:ann:/, "at once, and it has the name");
  const { bench: other, ann: there } = setUp();
  const newcomer = other.ask("ann", ANN);
  resume(other, there);
  assertMatch(newcomer.heard().join(), /^ROSTER:0:ann~2:/);
});

Deno.test("a session with a number comes back under it, by its name without", () => {
  const { bench, ann } = setUp();
  const second = bench.greetCapable("ann", ANN);
  second.say("REGISTER:ann:127.0.0.1:5001");
  ann.read();
  const [welcome = ""] = second.heard();
  const [, epoch, number, presence, token] = welcome.split(":");
  second.hangUp();
  const back = bench.greetCapable("ann", ANN);
  back.say(`RESUME:${token}:${epoch}:${number}:${presence}:127.0.0.1:5001`);
  back.say("BROADCAST:ann~2:2:hi");
  assertEquals(ann.read().story, ["1 ann~2:hi"]);
});

Deno.test("a full room keeps the places of the lost; they come back to it", () => {
  const bench = new RegistryBench({ maxClients: 2 });
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read();
  bench.join("bob");
  ann.lose()?.hangUp();
  const cam = bench.connect("framed");
  cam.say("REGISTER:cam:127.0.0.1:5001");
  assertEquals(cam.heardKinds(), ["ERROR:full"]);
  assertEquals(resume(bench, ann).heardKinds()[0], "WELCOME");
});

Deno.test("the registry stops: RETRY, then closing; others are told closing alone, the lost nothing", () => {
  const { bench, ann, witness } = setUp();
  const bob = new BenchCapable(bench, "bob", BOB);
  bob.connect();
  bob.read();
  bob.lose()?.hangUp();
  const { link } = ann;
  ann.read();
  witness.heard();
  bench.registry.shutdown();
  assertEquals(link?.heard(), ["RETRY:1", "ERROR:closing:the registry is stopping"]);
  assertEquals(witness.heardKinds(), ["ERROR:closing"]);
  link?.hangUp();
  bench.pass(100_000);
  assertEquals(bench.events.filter(({ event }) => event === "leave"), []);
});
