/** Private links through the registry: who may have one, what is handed on, and how one ends. */
import { MAX_RELAY_DATA } from "../../lib/protocol/relay.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { CLIENT_NONCE, identityNumber } from "../support/registry_bench.ts";
import { LINK, linkNumber, RelayBench } from "../support/relay_bench.ts";

const OFFER = `{"type":"confab_answer","confab":1,"offer":"${LINK}","state":"pending"}`;
const LIMITS = "65536:262144:67108864:3600";

Deno.test("relay: who told it and proved a key passes offers, and nobody else gets or sends them", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.pair();
  const plain = bench.enter("carol", "keys,resume");
  const keyless = bench.greet("127.0.0.1", undefined, "keys,relay");
  keyless.say("REGISTER:dave:127.0.0.1:5001");
  keyless.heard();
  ann.client.heard();
  bob.client.heard();
  plain.client.heard();
  ann.client.say(`PASS:${bob.session}:${OFFER}`);
  assertEquals(bob.client.heard(), [`PASSED:${ann.session}:${OFFER}`]);
  assertEquals(ann.client.heard(), [], "what was taken has no answer");
  ann.client.say(`PASS:${plain.session}:${OFFER}`);
  ann.client.say(`PASS:${"f".repeat(16)}:${OFFER}`);
  assertEquals(ann.client.heard(), [
    `UNPASSED:${plain.session}:unable`,
    `UNPASSED:${"f".repeat(16)}:gone`,
  ]);
  bob.client.hangUp();
  ann.client.heard();
  ann.client.say(`PASS:${bob.session}:${OFFER}`);
  assertEquals(ann.client.heard(), [`UNPASSED:${bob.session}:gone`]);
  for (const each of [plain.client, keyless]) {
    each.heard();
    each.say(`PASS:${ann.session}:${OFFER}`);
    each.say(`MEET:${ann.session}:${LINK}`);
    assertEquals(each.heardKinds(), ["ERROR:bad-message", "ERROR:bad-message"]);
  }
  assertEquals(ann.client.heard(), []);
  assertEquals({ ...bench.counters.unpassed }, { gone: 2, unable: 1, busy: 0 });
});

Deno.test("relay: with resume it is the same, and --relay never tells and takes nothing", () => {
  const [ann, bob] = new RelayBench().pair("keys,resume,relay");
  ann.client.say(`PASS:${bob.session}:${OFFER}`);
  assertEquals(bob.client.heard(), [`PASSED:${ann.session}:${OFFER}`]);
  const never = new RelayBench({ relay: "never" });
  const [eve, dan] = never.pair();
  eve.client.say(`PASS:${dan.session}:${OFFER}`);
  never.meet(eve, dan);
  eve.client.say(`RELAY:${LINK}:AAAA`);
  assertEquals(eve.client.heardKinds(), Array(3).fill("ERROR:bad-message"));
  assertEquals(dan.client.heardKinds(), ["ERROR:bad-message"]);
  const asked = never.connect("framed");
  asked.say("CAPS:1:c0c1c2c3c4c5c6c7c8c9cacbcccdcecf:keys,relay");
  assertEquals(asked.heard()[0]?.split(":").at(-1), "keys,resume,replay,observe");
});

Deno.test("relay: nobody hears of a link before both have named each other", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.pair();
  const eve = bench.enter("eve");
  for (const { client } of [ann, bob, eve]) client.heard();
  ann.client.say(`MEET:${bob.session}:${LINK}`);
  eve.client.say(`MEET:${ann.session}:${LINK}`);
  eve.client.say(`MEET:${ann.session}:${linkNumber(1)}`);
  bob.client.say(`MEET:${eve.session}:${linkNumber(2)}`);
  for (const { client } of [ann, bob, eve]) assertEquals(client.heard(), []);
  bob.client.say(`MEET:${ann.session}:${LINK}`);
  assertEquals(ann.client.heard(), [`MET:${LINK}:${bob.session}:${LIMITS}`]);
  assertEquals(bob.client.heard(), [`MET:${LINK}:${ann.session}:${LIMITS}`]);
  assertEquals(eve.client.heard(), []);
  assertEquals(bench.registry.relayed.links, 1);
  bench.pass(29_999);
  assertEquals(eve.client.heard(), []);
  bench.pass(1);
  assertEquals(
    eve.client.heard().toSorted(),
    [
      `PARTED:${linkNumber(1)}:expired`,
      `PARTED:${LINK}:expired`,
    ].toSorted(),
  );
});

Deno.test("relay: what is said comes in the very same bytes, both ways and in order", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  const longest = `RELAY:${LINK}:${"Ab+/".repeat(MAX_RELAY_DATA / 4)}`;
  const said = [`RELAY:${LINK}:AAIAAQ==`, longest, `RELAY:${LINK}://8=`];
  for (const each of said) ann.client.say(each);
  bob.client.say(`RELAY:${LINK}:BBBB`);
  assertEquals(bob.client.heard(), said);
  assertEquals(ann.client.heard(), [`RELAY:${LINK}:BBBB`]);
  const weight = 256 + longest.length + 256;
  bob.client.say(`TAKEN:${LINK}:256`);
  bob.client.say(`TAKEN:${LINK}:${weight}`);
  assertEquals(ann.client.heard(), [`TAKEN:${LINK}:${weight}`], "the later one is enough");
  for (const count of [weight - 1, weight + 1]) {
    bob.client.say(`TAKEN:${LINK}:${count}`);
    assertEquals(bob.client.heardKinds(), ["ERROR:bad-message"]);
  }
});

Deno.test("relay: PART is the last that its sender hears of a link; the other is first handed what waits", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  ann.client.say(`RELAY:${LINK}:AAAA`);
  bob.client.say(`RELAY:${LINK}:BBBB`);
  ann.client.say(`PART:${LINK}`);
  ann.client.say(`PART:${LINK}`);
  assertEquals(ann.client.heard(), [`PARTED:${LINK}:closed`]);
  assertEquals(bob.client.heard(), [`RELAY:${LINK}:AAAA`, `PARTED:${LINK}:closed`]);
  assertEquals(bench.registry.relayed.links, 0);
  // What was under way is no fault, up to a window of it.
  for (let i = 0; i < 256; i++) bob.client.say(`RELAY:${LINK}:BBBB`);
  assertEquals([bob.client.heard(), ann.client.heard()], [[], []]);
  bob.client.say(`RELAY:${LINK}:BBBB`);
  assertEquals(bob.client.heardKinds(), ["ERROR:bad-message"]);
  bench.meet(ann, bob);
  assertEquals(ann.client.heardKinds(), ["MET"], "the same name again");
  bob.client.heard();
  bob.client.say(`RELAY:${LINK}:BBBB`);
  assertEquals(ann.client.heard(), [`RELAY:${LINK}:BBBB`]);
  ann.client.say(`MEET:${bob.session}:${linkNumber(1)}`);
  ann.client.say(`PART:${linkNumber(1)}`);
  assertEquals(ann.client.heard(), [`PARTED:${linkNumber(1)}:closed`], "taken back");
});

Deno.test("relay: who leaves or is lost ends its links, and what is its own goes with it", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked("keys,resume,relay");
  ann.client.say(`MEET:${bob.session}:${linkNumber(1)}`);
  bob.client.say(`RELAY:${LINK}:BBBB`);
  bob.client.hangUp();
  assertEquals(ann.client.heard(), [`RELAY:${LINK}:BBBB`, `PARTED:${LINK}:lost`]);
  const carol = bench.enter("carol");
  ann.client.heard();
  bench.meet(ann, carol);
  carol.client.say("QUIT");
  assertEquals(
    ann.client.heard().filter((line) => line.startsWith("PARTED:")),
    [`PARTED:${LINK}:gone`],
  );
  ann.client.hangUp();
  bench.pass(60_000);
  assertEquals([bench.registry.relayed.links, bench.registry.nextTimeout()], [0, undefined]);
  const { lost, gone } = bench.counters.relayEnds;
  assertEquals([bench.counters.relayLinks, lost, gone], [2, 1, 1]);
});

Deno.test("relay: what is wrong is refused in its sender's ordinary rate, and touches no link", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  const eve = bench.enter("eve");
  for (const { client } of [ann, bob, eve]) client.heard();
  const bad = [
    ...[
      "",
      "AAA",
      "A===",
      "AA=A",
      "AAA=AAAA",
      "AAAB=",
      "AB==",
      "AAB=",
      "AA-_",
      "AA A",
      "AAA\u00e8",
    ],
    ...["AAAA\n", "AAAA:AAAA", "A".repeat(MAX_RELAY_DATA + 4)],
  ].map((data) => `RELAY:${LINK}:${data}`);
  const others = [
    ...[`RELAY:${LINK}`, `RELAY:${LINK.toUpperCase()}:AAAA`, `RELAY:${linkNumber(9)}:AAAA`],
    ...[`TAKEN:${LINK}:`, `TAKEN:${LINK}:00`, `TAKEN:${LINK}:-1`, `TAKEN:${LINK}:1:1`],
    ...[`TAKEN:${LINK}:9007199254740992`, `PART:${linkNumber(9)}`, `PART:${LINK}:x`],
    ...[`MEET:${ann.session}:${LINK}`, `MEET:${bob.session}:${LINK}`],
    ...[
      `PASS:${ann.session}:x`,
      `PASS:${bob.session}:`,
      `PASS:${bob.session}:${"x".repeat(1_001)}`,
    ],
    `PASS:${bob.session}:${"\u00e8".repeat(501)}`,
  ];
  for (const wrong of [...bad, ...others]) {
    bench.pass(1_000);
    ann.client.say(wrong);
    // One that is in place is silent: MEET of an open link is not.
    assertEquals(ann.client.heardKinds(), ["ERROR:bad-message"], wrong);
  }
  eve.client.say(`RELAY:${LINK}:AAAA`);
  eve.client.say(`TAKEN:${LINK}:0`);
  eve.client.say(`PART:${LINK}`);
  assertEquals(eve.client.heardKinds(), Array(3).fill("ERROR:bad-message"));
  assertEquals([bench.registry.relayed.links, bob.client.heard()], [1, []]);
  for (let i = 0; i < 200; i++) eve.client.say(`RELAY:${LINK}:AAAA`);
  assertEquals(eve.client.closed, true, "cut as any flood");
  ann.client.say(`RELAY:${LINK}:AAAA`);
  assertStringIncludes(bob.client.heard().join(), `RELAY:${LINK}:AAAA`);
});

Deno.test("relay: who has gone waits for nobody any more", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.pair();
  ann.client.say(`MEET:${bob.session}:${LINK}`);
  ann.client.hangUp();
  bob.client.heard();
  bob.client.say(`MEET:${ann.session}:${LINK}`);
  assertEquals([bob.client.heard(), bench.registry.relayed.links], [[], 0]);
  bench.pass(30_000);
  assertEquals(bob.client.heard(), [`PARTED:${LINK}:expired`]);
});

Deno.test("relay: who comes back by RESUME has no links, and can have new ones in the same session", () => {
  const bench = new RelayBench();
  const bob = bench.enter("bob");
  const identity = identityNumber(900);
  const greet = () => {
    const client = bench.greet("127.0.0.1", CLIENT_NONCE, "keys,resume,relay");
    client.say(bench.claim(client, "ann", identity));
    return client;
  };
  const client = greet();
  client.say("REGISTER:ann:127.0.0.1:5001");
  const [welcome = "", roster = ""] = client.heard();
  const [, epoch, number, presence, token] = welcome.split(":");
  const session = roster.split(":")[5] ?? "";
  bench.meet(bob, { client, session });
  client.heard();
  client.say(`MEET:${bob.session}:${linkNumber(1)}`);
  bob.client.heard();
  const back = greet();
  back.say(`RESUME:${token}:${epoch}:${number}:${presence}:127.0.0.1:5001`);
  back.heard();
  assertEquals(client.closed, true);
  assertEquals(bob.client.heard(), [`PARTED:${LINK}:lost`]);
  back.say(`RELAY:${LINK}:AAAA`);
  assertEquals(back.heardKinds(), ["ERROR:bad-message"]);
  bob.client.say(`MEET:${session}:${linkNumber(1)}`);
  assertEquals([bob.client.heard(), back.heard()], [[], []], "that wish is over, too");
  bob.client.say(`PASS:${session}:x`);
  assertEquals(back.heard(), [`PASSED:${bob.session}:x`]);
  bench.meet(bob, { client: back, session });
  assertEquals(back.heardKinds(), ["MET"]);
  // What is left of the old connection ends nothing.
  client.hangUp();
  back.say(`RELAY:${LINK}:AAAA`);
  assertEquals(bob.client.heard().at(-1), `RELAY:${LINK}:AAAA`);
});
