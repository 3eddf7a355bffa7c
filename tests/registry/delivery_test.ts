/** `docs/PROTOCOL.md` sections 10.1 to 10.6: who is told numbers, acknowledgements, refusals, repeats. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);
const BOB = identityNumber(2);
const RUN = "7a7b7c7d7e7f8081";
const REGISTER = "REGISTER:ann:127.0.0.1:5001";

/** Somebody who is in and has read what it was told. */
function join(bench: RegistryBench, name: string, identity = ANN): BenchClient {
  const client = bench.greetCapable(name, identity);
  client.say(`REGISTER:${name}:127.0.0.1:5001`);
  client.heard();
  return client;
}

/** Without the epoch, which is the same on each bench. */
function plain(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace("0000000000000001", "EPOCH"));
}

Deno.test("REGISTER is answered by WELCOME with numbers, token, grace and rate, then ROSTER", () => {
  const bench = new RegistryBench({ grace: 7, messageRate: 12 });
  bench.join("bob").say("BROADCAST:bob:2:hi");
  const ann = bench.greetCapable("ann", ANN);
  ann.say(REGISTER);
  const [welcome = "", roster = "", ...others] = ann.heard();
  // One broadcast, two joins: bob's and its own.
  assertMatch(welcome, /^WELCOME:[0-9a-f]{16}:1:2:[0-9a-f]{32}:7:12$/);
  assertMatch(roster, /^ROSTER:0:ann:127\.0\.0\.1:5001:/);
  assertEquals(others, []);
});

Deno.test("SAID, JOINED and LEFT for those who are told numbers; BROADCAST and UPDATE for all others", () => {
  const bench = new RegistryBench();
  const ann = join(bench, "ann");
  const others = [
    bench.join("framed"),
    bench.join("classic", "classic"),
    bench.joinKeyed("keyed", identityNumber(9)),
  ];
  for (const client of [ann, ...others]) client.heard();
  const bob = join(bench, "bob", BOB);
  bob.say(`SAY:${RUN}.1:2:hi`);
  others[0]?.say("BROADCAST:framed:2:yo");
  bob.say("QUIT");
  const [joined = "", ...heard] = ann.heard();
  assertMatch(
    joined,
    new RegExp(`^JOINED:5:bob:127\\.0\\.0\\.1:5001:[0-9a-f]{16}:${BOB.publicKey}$`),
  );
  const session = joined.split(":")[5];
  assertEquals(plain(heard), [
    `SAID:EPOCH:1:bob:${RUN}.1:2:hi`,
    "SAID:EPOCH:2:framed:-:2:yo",
    `LEFT:6:${session}`,
  ]);
  for (const other of others) {
    const kinds = other.heardKinds();
    const own = other === others[0] ? 1 : 2;
    assertEquals(kinds, ["UPDATE:JOIN", ...Array(own).fill("BROADCAST"), "UPDATE:LEAVE"]);
  }
});

Deno.test("an ACK stands where the others have SAID; each SAY has one answer, in the order of sending", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const [ann, bob] = [join(bench, "ann"), join(bench, "bob", BOB)];
  ann.heard();
  bob.say(`SAY:${RUN}.1:1:1`);
  ann.say(`SAY:${RUN}.1:1:2`);
  ann.say(`SAY:${RUN}.2:9:3`);
  bob.say(`SAY:${RUN}.2:1:4`);
  ann.say("NONSENSE");
  ann.say(`SAY:${RUN}.3:1:5`);
  ann.say(`SAY:${RUN}.1:1:2`);
  assertEquals(plain(ann.heard()), [
    `SAID:EPOCH:1:bob:${RUN}.1:1:1`,
    `ACK:${RUN}.1:EPOCH:2`,
    `NAK:${RUN}.2:bad-length:the length is not the number of code points`,
    `SAID:EPOCH:3:bob:${RUN}.2:1:4`,
    "ERROR:bad-message:unknown verb",
    `ACK:${RUN}.3:EPOCH:4`,
    `ACK:${RUN}.1:EPOCH:0`,
  ]);
  assertEquals(plain(bob.heard()), [
    `ACK:${RUN}.1:EPOCH:1`,
    `SAID:EPOCH:2:ann:${RUN}.1:1:2`,
    `ACK:${RUN}.2:EPOCH:3`,
    `SAID:EPOCH:4:ann:${RUN}.3:1:5`,
  ]);
});

Deno.test("such a client may use BROADCAST: numbered for the others, no answer", () => {
  const bench = new RegistryBench();
  const [ann, bob] = [join(bench, "ann"), join(bench, "bob", BOB)];
  ann.heard();
  ann.say("BROADCAST:ann:2:hi");
  assertEquals(ann.heard(), []);
  assertEquals(plain(bob.heard()), ["SAID:EPOCH:1:ann:-:2:hi"]);
});

for (
  const [what, capabilities, claims] of [
    ["keys alone", "keys", true],
    ["resume without keys", "resume", false],
    ["no key proven", "keys,resume", false],
  ] as const
) {
  Deno.test(`${what}: as if resume had not been told; SAY, RESUME and PING are bad-message`, () => {
    const bench = new RegistryBench();
    const ann = bench.greet("127.0.0.1", undefined, capabilities);
    if (claims) ann.say(bench.claim(ann, "ann", ANN));
    const unknown = [
      `SAY:${RUN}.1:2:hi`,
      `SAY:${RUN}.1:7:hi`,
      `RESUME:${"0".repeat(32)}:${RUN}:0:0:127.0.0.1:5001`,
      "PING:1f",
    ];
    for (const message of unknown) ann.say(message);
    assertEquals(ann.heardKinds(), Array(4).fill("ERROR:bad-message"));
    ann.say(REGISTER);
    assertEquals(ann.heardKinds(), [capabilities === "resume" ? "LIST" : "ROSTER"]);
    for (const message of [unknown[0], unknown[1], unknown[3]]) ann.say(message ?? "");
    assertEquals(ann.heardKinds(), Array(3).fill("ERROR:bad-message"));
    const bob = bench.join("bob");
    bob.say("BROADCAST:bob:2:hi");
    assertEquals(ann.heardKinds(), ["UPDATE:JOIN", "BROADCAST"]);
    ann.hangUp();
    assertEquals(bob.heardKinds(), ["UPDATE:LEAVE"], "nothing is kept");
  });
}

Deno.test("NAK: before registration, of a wrong length, of a long text, too fast, each with its id", () => {
  const bench = new RegistryBench();
  const witness = bench.join("witness");
  const ann = bench.greetCapable("ann", ANN);
  ann.say(`SAY:${RUN}.1:2:hi`);
  ann.say(REGISTER);
  witness.heard();
  ann.say(`SAY:${RUN}.2:3:hi`);
  ann.say(`SAY:${RUN}.3:4097:${"x".repeat(4_097)}`);
  for (let count = 5; count < 25; count++) ann.say(`SAY:${RUN}.${count}:2:hi`);
  const naks = ann.heard().filter((line) => line.startsWith("NAK:"));
  assertEquals(naks.slice(0, 3).map((line) => line.split(":").slice(1, 3).join(" ")), [
    `${RUN}.1 not-registered`,
    `${RUN}.2 bad-length`,
    `${RUN}.3 too-long`,
  ]);
  const heard = witness.heard().length;
  assert(heard > 10 && heard < 20, "bursts of twice the rate");
  assertEquals(naks.length, 3 + 20 - heard, "each refused one has its answer");
  assert(naks.slice(3).every((line) => line.split(":")[2] === "flood"));
});

Deno.test("a SAY whose id cannot be read, or that lacks a field: ERROR:bad-message, nobody hears it", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const [ann, witness] = [join(bench, "ann"), bench.join("witness")];
  ann.heard();
  const ids = [
    ...["", "1", `${RUN}`, `${RUN}.`, `${RUN}.0`, `${RUN}.01`, `${RUN}.9007199254740992`],
    ...[`${RUN.toUpperCase()}.1`, `${RUN}0.1`, `${RUN}.-1`, `${RUN}.1 `],
  ];
  for (const id of ids) ann.say(`SAY:${id}:2:hi`);
  for (const rest of ["", ":2"]) ann.say(`SAY:${RUN}.1${rest}`);
  assertEquals(ann.heardKinds(), Array(ids.length + 2).fill("ERROR:bad-message"));
  assertEquals(witness.heard(), []);
  ann.say(`SAY:${RUN}.9007199254740991:2:hi`);
  assertEquals(witness.heard(), ["BROADCAST:ann:2:hi"]);
});

Deno.test("flood: a NAK each time, also where ERROR is told once a second; cut after 100, for good", () => {
  const bench = new RegistryBench();
  const [ann, witness] = [join(bench, "ann"), bench.join("witness")];
  for (let count = 1; count <= 60; count++) ann.say(`SAY:${RUN}.${count}:2:hi`);
  const taken = witness.heard().filter((line) => line.startsWith("BROADCAST:")).length;
  assertEquals(ann.heardKinds().filter((kind) => kind === "NAK").length, 60 - taken);
  for (let count = 61; count <= 200; count++) ann.say(`SAY:${RUN}.${count}:2:hi`);
  assertEquals(ann.closed, true);
  assertEquals(witness.heard(), ["UPDATE:LEAVE:ann:127.0.0.1:5001"], "no place is kept");
});

Deno.test("flood: what the room has is acknowledged all the same when it comes again", () => {
  const bench = new RegistryBench();
  const [ann, witness] = [join(bench, "ann"), bench.join("witness")];
  ann.heard();
  const counts = Array.from({ length: 10 }, (_, i) => i + 1);
  for (let round = 0; round < 3; round++) {
    for (const count of counts) ann.say(`SAY:${RUN}.${count}:2:hi`);
  }
  const answers = ann.heard().filter((line) => !line.startsWith("ERROR:"));
  assertEquals(answers.map((line) => line.split(":")[0]), Array(30).fill("ACK"));
  assertEquals(witness.heard().filter((line) => line.startsWith("BROADCAST:")).length, 10);
});

Deno.test("repeats: acknowledged without a number, told to nobody again", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const [ann, witness] = [join(bench, "ann"), bench.join("witness")];
  for (let count = 1; count <= 100; count++) ann.say(`SAY:${RUN}.${2 * count}:1:x`);
  assertEquals(witness.heard().length, 100);
  ann.heard();
  const again = [200, 74, 2, 199];
  for (const count of again) ann.say(`SAY:${RUN}.${count}:1:x`);
  assertEquals(plain(ann.heard()), again.map((count) => `ACK:${RUN}.${count}:EPOCH:0`));
  assertEquals(witness.heard(), []);
  assertEquals(bench.counters.repeats, 4);
  ann.say(`SAY:${RUN.replace("7", "8")}.1:1:y`);
  assertEquals(witness.heard().length, 1, "another run is another one");
});

Deno.test("repeats are known by the key, over sessions, and are no one else's", () => {
  const bench = new RegistryBench({ grace: 0, messageRate: 0 });
  const [first, witness] = [join(bench, "Ann"), bench.join("witness")];
  first.say(`SAY:${RUN}.5:1:x`);
  first.hangUp();
  const again = join(bench, "ann");
  witness.heard();
  again.say(`SAY:${RUN}.5:1:x`);
  again.say(`SAY:${RUN}.4:1:w`);
  assertEquals(plain(again.heard()), [`ACK:${RUN}.5:EPOCH:0`, `ACK:${RUN}.4:EPOCH:0`]);
  assertEquals(witness.heard(), []);
  // Of a further session of the same key, too: it is the same person's.
  const second = bench.greetCapable("ann", ANN);
  second.say(REGISTER);
  again.pong();
  second.say(`SAY:${RUN}.5:1:x`);
  assertEquals(plain(second.heard()).at(-1), `ACK:${RUN}.5:EPOCH:0`);
  witness.heard();
  const bob = join(bench, "bob", BOB);
  witness.heard();
  bob.say(`SAY:${RUN}.5:1:x`);
  assertEquals(
    witness.heard(),
    ["BROADCAST:bob:1:x"],
    "who has read another's run cannot use it up",
  );
});

Deno.test("what was refused as too fast is refused again behind later ones, not acknowledged", () => {
  const bench = new RegistryBench();
  const [ann, witness] = [join(bench, "ann"), bench.join("witness")];
  let refused = 0;
  for (let count = 1; refused === 0; count++) {
    ann.say(`SAY:${RUN}.${count}:1:x`);
    if (ann.heardKinds().includes("NAK")) refused = count;
  }
  bench.pass(5_000);
  witness.heard();
  ann.say(`SAY:${RUN}.${refused + 1}:1:y`);
  ann.say(`SAY:${RUN}.${refused}:1:x`);
  assertEquals(ann.heardKinds(), ["ACK", "NAK"]);
  assertEquals(witness.heard(), ["BROADCAST:ann:1:y"]);
});

Deno.test("one's own repeat is in its place behind what came before it", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const ann = new BenchCapable(bench, "ann", ANN);
  ann.connect();
  ann.read();
  const bob = join(bench, "bob", BOB);
  ann.say("one");
  bob.say(`SAY:${RUN}.1:3:two`);
  ann.link?.say(`SAY:${ANN.publicKey.slice(0, 16)}.1:3:one`);
  bob.say(`SAY:${RUN}.2:5:three`);
  ann.read();
  assertEquals(ann.story, ["1 own", "2 bob:two", "3 bob:three"]);
});

Deno.test("PING before WELCOME is bad-message, also of one that waits for the answers of others", () => {
  const bench = new RegistryBench();
  join(bench, "ann");
  const second = bench.greetCapable("ann", ANN);
  second.say("PING:1f");
  second.say(REGISTER);
  second.say("PING:1f");
  assertEquals(second.heardKinds(), ["ERROR:bad-message", "ERROR:bad-message"]);
  bench.pass(500);
  second.say("PING:1f");
  assertEquals(second.heardKinds(), ["WELCOME", "ROSTER", "PONG"]);
});
