/** Who is told what of the others: keyed, plain and classic clients in one room. */
import { parseServerMessage } from "../../lib/protocol/message.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { identityNumber, RegistryBench } from "../support/registry_bench.ts";

const ANN = identityNumber(1);

Deno.test("JOIN: five fields for those who understand keys, three for all others", () => {
  const bench = new RegistryBench();
  const keyed = bench.joinKeyed("keyed", identityNumber(50));
  const plain = bench.join("plain");
  const classic = bench.join("classic", "classic");
  for (const member of [keyed, plain, classic]) member.heard();

  const ann = bench.ask("ann", ANN);
  const [roster = ""] = ann.heard();
  const session = roster.split(":")[5] ?? "";
  assertEquals(keyed.heard(), [`UPDATE:JOIN:ann:127.0.0.1:5001:${session}:${ANN.publicKey}`]);
  assertEquals(plain.heard(), ["UPDATE:JOIN:ann:127.0.0.1:5001"]);
  assertEquals(classic.heard(), ["UPDATE:JOIN:ann:127.0.0.1:5001"]);

  bench.join("old", "classic");
  assertMatch(keyed.heard().join(), /^UPDATE:JOIN:old:127\.0\.0\.1:5001:[0-9a-f]{16}:-$/);
  assertEquals(plain.heard(), ["UPDATE:JOIN:old:127.0.0.1:5001"]);
  for (const member of [classic, ann]) member.heard();

  // All else is the same for everybody.
  ann.say("BROADCAST:ann:2:hi");
  ann.say("QUIT");
  for (const member of [keyed, plain, classic]) {
    assertEquals(member.heard(), ["BROADCAST:ann:2:hi", "UPDATE:LEAVE:ann:127.0.0.1:5001"]);
  }
});

Deno.test("LIST and a classic LIST show keyed users without their keys", () => {
  const bench = new RegistryBench();
  bench.joinKeyed("ann", ANN);
  const plain = bench.connect("framed");
  plain.say("REGISTER:bob:127.0.0.1:5001");
  assertEquals(plain.heard(), ["LIST:bob:127.0.0.1:5001:ann:127.0.0.1:5001"]);
  const classic = bench.connect("classic");
  classic.say("REGISTER:old:127.0.0.1:5001");
  assertEquals(
    classic.heard().at(-1),
    "LIST:old:127.0.0.1:5001:ann:127.0.0.1:5001:bob:127.0.0.1:5001",
  );
});

Deno.test("what one turn holds reaches each audience in the same order, none of one's own", () => {
  const bench = new RegistryBench({ messageRate: 0 });
  const ann = bench.joinKeyed("ann", ANN);
  const bob = bench.join("bob");
  ann.heard();
  ann.say("BROADCAST:ann:1:1");
  bob.say("BROADCAST:bob:1:2");
  const cam = bench.ask("cam", identityNumber(3));
  ann.say("BROADCAST:ann:1:3");
  bob.say("BROADCAST:bob:1:4");
  cam.say("BROADCAST:cam:1:5");
  assertEquals(
    ann.heard().map((line) => line.replace(/:[0-9a-f]{16}:[0-9a-f]{64}$/, "")),
    [
      "BROADCAST:bob:1:2",
      "UPDATE:JOIN:cam:127.0.0.1:5001",
      "BROADCAST:bob:1:4",
      "BROADCAST:cam:1:5",
    ],
  );
  assertEquals(bob.heard(), [
    "BROADCAST:ann:1:1",
    "UPDATE:JOIN:cam:127.0.0.1:5001",
    "BROADCAST:ann:1:3",
    "BROADCAST:cam:1:5",
  ]);
  assertEquals(cam.heardKinds(), ["CAPS", "ROSTER", "BROADCAST", "BROADCAST"].slice(1));
});

Deno.test("a roster over one frame goes on in further frames, filled and counted down, before all else", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  const count = 2_500;
  const name = (i: number): string => `user-with-a-long-name-${i}`;
  for (let i = 0; i < count; i++) {
    const member = bench.greet();
    member.send = () => {};
    if (i % 100 === 0) {
      member.say(bench.claim(member, name(i), identityNumber(i, i % 200 === 0)));
    }
    member.say(`REGISTER:${name(i)}:127.0.0.1:5001`);
  }
  const late = bench.ask("late", ANN);
  bench.join("next");
  const heard = late.heard();
  const frames = heard.filter((line) => line.startsWith("ROSTER:"));
  assertEquals(heard.length, frames.length + 1, "then the next JOIN");
  const rosters = frames.map(parseServerMessage).filter((message) => message.verb === "ROSTER");
  let left = count + 1;
  const names: string[] = [];
  for (const [at, roster] of rosters.entries()) {
    left -= roster.users.length;
    assertEquals(roster.left, left);
    names.push(...roster.users.map(({ username }) => username));
    const frame = frames[at] ?? "";
    assert(frame.length <= 65_536, "it is ASCII");
    const next = frames[at + 1]?.split(":").slice(2, 7).join(":");
    if (next !== undefined) {
      const grown = frame.length + 1 + next.length + String(left - 1).length - String(left).length;
      assert(grown > 65_536, "one more would not have fit");
    }
  }
  assert(frames.length >= 3);
  assertEquals(left, 0);
  assertEquals(names, ["late", ...Array.from({ length: count }, (_, i) => name(i))]);
});

Deno.test("a roster over the bound on what may wait is not held against its reader", () => {
  const bench = new RegistryBench({ maxPerIp: 0 });
  for (let i = 0; i < 2_500; i++) {
    const member = bench.greet();
    member.send = () => {};
    const name = String(i).padStart(4, "0") + "\u{20000}".repeat(28);
    member.say(`REGISTER:${name}:127.0.0.1:5001`);
  }
  const slow = bench.greet();
  slow.stalled = [];
  slow.say("REGISTER:slow:127.0.0.1:5001");
  assert(slow.queued > 262_144);
  bench.join("next");
  bench.flush();
  assertEquals(slow.closed, false);
});
