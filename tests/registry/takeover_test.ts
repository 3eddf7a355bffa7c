/** The same key again: PING, PONG, who is cut, and what the newcomer is called. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);
const BOB = identityNumber(2);

/** The name in the first field of the ROSTER that it has just been told; `undefined` if there is none. */
function nameOf(client: BenchClient): string | undefined {
  return client.heard().find((line) => line.startsWith("ROSTER:"))?.split(":")[2];
}

/** The names of all events of that kind, with the reason of a leave. */
function told(bench: RegistryBench, kind: "join" | "leave"): string[] {
  return bench.events.flatMap((event) => {
    if (event.event !== kind) return [];
    return event.event === "leave" ? [`${event.username} ${event.reason}`] : [event.username];
  });
}

Deno.test("a session that answers keeps its name; the newcomer gets ~2 at once, and uses it", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  const witness = bench.join("witness");
  first.heard();
  const second = bench.ask("Ann", ANN);
  assertEquals(second.heard(), [], "it waits");
  first.pong();
  assertEquals(nameOf(second), "Ann~2");
  assertEquals(witness.heard(), ["UPDATE:JOIN:Ann~2:127.0.0.1:5001"]);
  second.say("BROADCAST:ann~2:2:hi");
  second.say("BROADCAST:ann:2:hi");
  assertEquals(witness.heard(), ["BROADCAST:Ann~2:2:hi"]);
  assertEquals(second.heardKinds(), ["ERROR:bad-sender"]);
  bench.pass(1_000);
  assertEquals([first.closed, second.closed], [false, false]);
});

Deno.test("a silent session is cut after 500 ms, not before: LEAVE, then the newcomer has its name", () => {
  const bench = new RegistryBench();
  const silent = bench.joinKeyed("ann", ANN);
  const witness = bench.join("witness");
  const second = bench.ask("ann", ANN);
  bench.pass(499);
  assertEquals([silent.closed, second.heard().length], [false, 0]);
  bench.pass(1);
  assertEquals(silent.closed, true);
  assertEquals(nameOf(second), "ann");
  assertEquals(witness.heard(), [
    "UPDATE:LEAVE:ann:127.0.0.1:5001",
    "UPDATE:JOIN:ann:127.0.0.1:5001",
  ]);
  assertEquals(told(bench, "leave"), ["ann taken-over"]);
  assertEquals(silent.heardKinds().slice(-2), ["PING", "ERROR:taken-over"], "told if it reads");
  silent.hangUp();
  assertEquals(witness.heard(), []);
});

Deno.test("a silent session that ends while it is asked: the newcomer does not wait on", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  const second = bench.ask("ann", ANN);
  bench.pass(100);
  first.hangUp();
  assertEquals(nameOf(second), "ann");
  assertEquals(told(bench, "leave"), ["ann ended"]);
  bench.pass(1_000);
  assertEquals(second.closed, false);
});

Deno.test("each session of the name is asked; only the silent are cut, their numbers are free again", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const first = bench.joinKeyed("ann", ANN);
  const second = bench.ask("ann", ANN);
  first.pong();
  const third = bench.ask("ann", ANN);
  first.pong();
  second.pong();
  assertEquals(nameOf(third), "ann~3");
  const fourth = bench.ask("ann", ANN);
  first.pong();
  third.pong();
  bench.pass(499);
  assertEquals(fourth.heard(), []);
  bench.pass(1);
  assertEquals([first.closed, second.closed, third.closed], [false, true, false]);
  assertEquals(nameOf(fourth), "ann~2");
  first.hangUp();
  const fifth = bench.ask("ann", ANN);
  third.pong();
  fourth.pong();
  assertEquals(nameOf(fifth), "ann", "whose owner is away, but not its key");
});

Deno.test("while a further session of a key is there, its name is nobody else's", () => {
  const bench = new RegistryBench();
  const session = identityNumber(5, false);
  const first = bench.joinKeyed("ann", session);
  const second = bench.ask("ann", session);
  first.pong();
  first.hangUp();
  for (const stranger of [bench.ask("ann", BOB), bench.connect("framed")]) {
    stranger.say("REGISTER:ann:127.0.0.1:5001");
    assert(stranger.heardKinds().every((kind) => kind === "ERROR:name-taken"));
  }
  second.hangUp();
  assertEquals(nameOf(bench.ask("ann", BOB)), "ann");
});

Deno.test("several newcomers wait at once, each gets its own number in the order of coming", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  const newcomers = [1, 2, 3].map(() => bench.ask("ann", ANN));
  assertEquals(first.heardKinds(), ["PING"], "asked once for all of them");
  bench.pass(500);
  assertEquals(newcomers.map(nameOf), ["ann", "ann~2", "ann~3"]);
});

Deno.test("a newcomer that leaves is forgotten; one that waits is not registered twice", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  const gone = bench.ask("ann", ANN);
  const stays = bench.ask("ann", ANN);
  stays.say("REGISTER:ann:127.0.0.1:5001");
  stays.say(bench.claim(stays, "ann", ANN));
  stays.say("BROADCAST:ann:2:hi");
  assertEquals(stays.heardKinds(), [
    "ERROR:already-registered",
    "ERROR:already-registered",
    "ERROR:not-registered",
  ]);
  gone.hangUp();
  first.pong();
  assertEquals(nameOf(stays), "ann~2");
  assertEquals(told(bench, "join"), ["ann", "ann~2"]);
});

for (
  const [how, leave] of [
    ["QUIT", (client: BenchClient) => client.say("QUIT")],
    ["hangs up", (client: BenchClient) => client.hangUp()],
  ] as const
) {
  for (const answer of ["answers", "is silent"]) {
    Deno.test(`a newcomer that waits and ${how} is not let in afterwards; the other one ${answer}`, () => {
      const bench = new RegistryBench();
      const first = bench.joinKeyed("ann", ANN);
      const gone = bench.ask("ann", ANN);
      leave(gone);
      assertEquals([gone.closed, gone.heard()], [true, []], "it is not refused");
      if (answer === "answers") first.pong();
      bench.pass(1_000);
      gone.hangUp();
      assertEquals(gone.heard(), []);
      assertEquals(told(bench, "join"), ["ann"]);
      assertEquals(bench.registry.size, answer === "answers" ? 1 : 0);
      assertEquals(nameOf(bench.ask("ann", ANN)), answer === "answers" ? undefined : "ann");
    });
  }
}

Deno.test("when all newcomers have left, who kept silent is cut all the same", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  bench.ask("ann", ANN).hangUp();
  bench.pass(500);
  assertEquals(first.closed, true);
  assertEquals(bench.registry.nextTimeout(), undefined, "nothing is left to do");
});

Deno.test("the time to register goes on while a newcomer waits", () => {
  const bench = new RegistryBench();
  bench.joinKeyed("ann", ANN);
  const late = bench.greet();
  bench.pass(59_800);
  late.say(bench.claim(late, "ann", ANN));
  late.say("REGISTER:ann:127.0.0.1:5001");
  bench.pass(200);
  assertEquals([late.closed, ...late.heardKinds()], [true, "ERROR:idle"]);
  bench.pass(1_000);
  assertEquals(told(bench, "join"), ["ann"]);
});

Deno.test("a PONG: expected once, with its token, and never too fast", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  for (let i = 0; i < 30; i++) first.say("BROADCAST:ann:2:hi");
  first.heard();
  const second = bench.ask("ann", ANN);
  const [ping = ""] = first.heard();
  assertMatch(ping, /^PING:[0-9a-f]{1,16}$/);
  bench.pass(400);
  first.say("PONG:abc");
  assertEquals(nameOf(second), undefined, "the wrong token");
  for (let i = 0; i < 30; i++) first.say("BROADCAST:ann:2:hi");
  first.say(ping.replace("PING", "PONG"));
  assertEquals(nameOf(second), "ann~2");
  bench.pass(5_000);
  first.heard();
  first.say(ping.replace("PING", "PONG"));
  assertEquals(first.heardKinds(), ["ERROR:bad-message"], "the second one");
});

Deno.test("a PING comes after what was delivered before", () => {
  const bench = new RegistryBench();
  const [bob, first] = [bench.join("bob"), bench.joinKeyed("ann", ANN)];
  bob.say("BROADCAST:bob:1:1");
  bench.ask("ann", ANN);
  bob.say("BROADCAST:bob:1:2");
  assertEquals(first.heardKinds(), ["BROADCAST", "PING", "BROADCAST"]);
});

Deno.test("a name of 32 characters gets its number on top", () => {
  const bench = new RegistryBench();
  const name = "é".repeat(32);
  const first = bench.joinKeyed(name, ANN);
  const second = bench.ask(name, ANN);
  first.pong();
  assertEquals(nameOf(second), `${name}~2`);
  second.say(`BROADCAST:${name}~2:2:hi`);
  assertEquals(first.heardKinds(), ["UPDATE:JOIN", "BROADCAST"]);
});

Deno.test("a full room: a ghost's place is its key's; who was answered finds it full", () => {
  const bench = new RegistryBench({ maxClients: 2 });
  const first = bench.joinKeyed("ann", ANN);
  bench.join("bob");
  const second = bench.ask("ann", ANN);
  first.pong();
  assertEquals([second.closed, ...second.heardKinds()], [true, "ERROR:full"]);
  const third = bench.ask("ann", ANN);
  bench.pass(500);
  assertEquals(nameOf(third), "ann");
});

Deno.test("a plain or classic client never gets a number, nor does a key that is not told", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  for (const client of [bench.connect("framed"), bench.connect("classic"), bench.greet()]) {
    client.say("REGISTER:ann:127.0.0.1:5001");
    assertMatch(client.heard().join(), /name-taken/);
  }
  const plain = bench.join("bob");
  const keyed = bench.ask("bob", BOB);
  assertEquals(keyed.heardKinds(), ["ERROR:name-taken"]);
  assertEquals(first.heardKinds(), ["UPDATE:JOIN"], "nobody was asked");
  assertEquals(plain.heard(), []);
});

for (const kept of [true, false]) {
  Deno.test(`100 clients of 100 keys race for one name: exactly one has it; ${kept ? "kept" : "session"}`, () => {
    const bench = new RegistryBench({ maxPerIp: 0 });
    const clients = Array.from({ length: 100 }, (_, i) => {
      const client = bench.greet();
      return { client, claim: bench.claim(client, "ann", identityNumber(i, kept)) };
    });
    for (const { client, claim } of clients) client.say(claim);
    for (const { client } of clients) client.say("REGISTER:ann:127.0.0.1:5001");
    bench.pass(1_000);
    const heard = clients.map(({ client }) => client.heardKinds().join());
    assertEquals(heard[0], "ROSTER");
    assertEquals(heard.slice(1), Array(99).fill("ERROR:name-taken"));
    assertEquals(told(bench, "join"), ["ann"]);
  });
}

Deno.test("100 clients of one key race for its name: ann, ann~2 and so on, nobody twice", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const clients = Array.from({ length: 100 }, () => bench.ask("ann", ANN));
  clients[0]?.pong();
  const names = ["ann", ...Array.from({ length: 99 }, (_, i) => `ann~${i + 2}`)];
  assertEquals(clients.slice(1).map(nameOf), names.slice(1));
  assertEquals(told(bench, "join"), names);
  // And 100 more: all are asked, half are silent.
  const more = Array.from({ length: 100 }, () => bench.ask("ann", ANN));
  for (const [i, client] of clients.entries()) if (i % 2 === 0) client.pong();
  bench.pass(500);
  assertEquals(told(bench, "leave").length, 50);
  const free = names.filter((_, i) => i % 2 === 1);
  const got = more.map((client) => nameOf(client));
  assertEquals(got.slice(0, 50), free);
  assertEquals(got.slice(50), Array.from({ length: 50 }, (_, i) => `ann~${i + 101}`));
  assertEquals(bench.registry.size, 150);
});

Deno.test("who was asked is cut for being slow in the middle of a turn: the newcomer is let in after it", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const talker = bench.join("talker");
  const first = bench.joinKeyed("ann", ANN);
  const other = bench.joinKeyed("other", BOB);
  first.stalled = [];
  other.heard();
  const second = bench.ask("ann", ANN);
  const text = "y".repeat(4_000);
  for (let i = 0; i < 66; i++) talker.say(`BROADCAST:talker:4000:${text}`);
  bench.pass(0);
  assertEquals(first.closed, true);
  assertEquals(told(bench, "leave"), ["ann slow"]);
  const heard = other.heardKinds();
  assertEquals(heard.filter((kind) => kind === "BROADCAST").length, 66);
  assertEquals(heard.filter((kind) => kind !== "BROADCAST"), ["UPDATE:LEAVE", "UPDATE:JOIN"]);
  const [welcome, ...others] = second.heardKinds();
  assertEquals(welcome, "ROSTER");
  assert(others.every((kind) => kind === "BROADCAST") && others.length < 66);
});

Deno.test("the registry stops while somebody waits: closing, and nobody is let in", () => {
  const bench = new RegistryBench();
  const first = bench.joinKeyed("ann", ANN);
  const [second, third] = [bench.ask("ann", ANN), bench.ask("ann", ANN)];
  bench.registry.shutdown();
  first.hangUp();
  second.hangUp();
  bench.pass(1_000);
  assertEquals(bench.registry.size, 1, "as it was when it stopped");
  assertEquals(second.heardKinds(), ["ERROR:closing"]);
  assertEquals(third.heardKinds(), ["ERROR:closing"]);
  assertEquals(told(bench, "join"), ["ann"]);
});
