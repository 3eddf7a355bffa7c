/** Where a registry sees its clients: who is told, who is not, and that nobody can be hurt by it. */
import { encodeDatagram, parseDatagram } from "../../lib/protocol/datagram.ts";
import { ProtocolError } from "../../lib/protocol/error.ts";
import { parseServerMessage } from "../../lib/protocol/message.ts";
import { MAX_OBSERVATION_TOKENS } from "../../lib/registry/limits.ts";
import { Observatory } from "../../lib/registry/observatory.ts";
import { Counters } from "../../lib/registry/counters.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { RegistryBench } from "../support/registry_bench.ts";

const FROM = { ip: "203.0.113.9", port: 40_002 };

/** An observatory whose tokens are numbers, and what it has counted. */
function observatory() {
  const counters = new Counters();
  let tokens = 0;
  const observatory = new Observatory(counters, () => (++tokens).toString(16).padStart(32, "0"));
  return { observatory, counters };
}

const request = (token: string): Uint8Array => encodeDatagram({ kind: "observe", token });

Deno.test("observe: a token is answered with where its datagram came from, in no more bytes", () => {
  const { observatory: it, counters } = observatory();
  const token = it.grant(1, 0);
  for (const from of [FROM, { ip: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", port: 65_535 }]) {
    const answer = it.datagram(request(token), from, 10);
    assert(answer);
    assertEquals(parseDatagram(answer), { kind: "observed", token, ...from });
    assert(answer.length <= request(token).length, "never more than it got");
  }
  assertEquals(counters.observations, 2);
});

Deno.test("observe: what is no good is not answered, and counted by reason", () => {
  const { observatory: it, counters } = observatory();
  const token = it.grant(1, 0);
  const short = new TextEncoder().encode(
    JSON.stringify({ type: "confab_observe", confab: 1, token }),
  );
  const silent = (bytes: Uint8Array, now = 0): void =>
    assertEquals(it.datagram(bytes, FROM, now), undefined);
  silent(new Uint8Array(0));
  silent(encodeDatagram({ kind: "observed", token, ...FROM }));
  silent(encodeDatagram({ kind: "answer", offer: token, state: "pending" }));
  silent(short);
  silent(request("f".repeat(32)));
  silent(request(token), 30_000);
  assertEquals(counters.observationDrops, {
    "malformed": 3,
    "too-short": 1,
    "unknown-token": 2,
    "used-up": 0,
    "flood": 0,
  });
  assertEquals(counters.observations, 0);
});

Deno.test("observe: a token is good 16 times, and as long as its connection has no newer one and is open", () => {
  const { observatory: it, counters } = observatory();
  const answers = (token: string): boolean => it.datagram(request(token), FROM, 1) !== undefined;
  const first = it.grant(1, 0);
  const second = it.grant(1, 0);
  assertEquals([answers(first), answers(second)], [false, true]);
  it.forget(1);
  it.forget(1);
  assertEquals(answers(second), false);
  const third = it.grant(1, 0);
  const results = Array.from({ length: 20 }, () => answers(third));
  assertEquals(results.filter(Boolean).length, 16);
  assertEquals(counters.observationDrops["used-up"], 4);
});

Deno.test("observe: somebody named as the sender by many gets 100 at once and 20 a second; others are told", () => {
  const { observatory: it, counters } = observatory();
  let told = 0;
  for (let owner = 1; owner <= 50; owner++) {
    const token = it.grant(owner, 0);
    for (let n = 0; n < 16; n++) if (it.datagram(request(token), FROM, 0)) told++;
  }
  assertEquals([told, counters.observationDrops["flood"]], [100, 700]);
  const more = it.grant(99, 1_000);
  assert(it.datagram(request(more), { ip: "203.0.113.10", port: 1 }, 0));
  const later = Array.from(
    { length: 15 },
    () => it.datagram(request(more), FROM, 500),
  );
  assertEquals(later.filter(Boolean).length, 10);
});

Deno.test("observe: an IPv6 host is one party by its /64", () => {
  const { observatory: it } = observatory();
  let told = 0;
  for (let owner = 1; owner <= 200; owner++) {
    const from = { ip: `2001:db8::${owner.toString(16)}`, port: 1 };
    if (it.datagram(request(it.grant(owner, 0)), from, 0)) told++;
  }
  assertEquals(told, 100);
});

Deno.test("observe: tokens are bounded, the oldest goes", () => {
  const { observatory: it } = observatory();
  const first = it.grant(1, 0);
  for (let owner = 2; owner <= MAX_OBSERVATION_TOKENS + 1; owner++) it.grant(owner, 0);
  assertEquals(it.datagram(request(first), FROM, 0), undefined);
});

Deno.test("observe: any datagram is answered as it should be or dropped, nothing else", () => {
  const seed = seedOfRun();
  const random = new Dice(seed);
  const { observatory: it, counters } = observatory();
  const good = it.grant(1, 0);
  let dropped = 0;
  for (let n = 0; n < 3_000; n++) {
    const bytes = random.below(4) === 0
      ? random.bytes(random.below(300))
      : request(random.below(50) === 0 ? good : "e".repeat(32));
    for (let faults = random.below(4); faults > 0; faults--) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    const answer = it.datagram(bytes, FROM, n * 100);
    if (!answer) dropped++;
    else assert(answer.length <= bytes.length, `CONFAB_SEED=${seed}, input ${n}`);
  }
  const counted = Object.values(counters.observationDrops).reduce((sum, each) => sum + each, 0);
  assertEquals(counted, dropped, `CONFAB_SEED=${seed}`);
});

Deno.test("OBSERVE: answered after CAPS, in the room or not; nobody is told, and it needs CAPS", () => {
  const bench = new RegistryBench({ udpPorts: () => [7, 8] });
  const other = bench.join("old");
  const client = bench.greet("192.0.2.9");
  client.say("OBSERVE");
  const [told = ""] = client.heard();
  const observed = parseServerMessage(told);
  assert(observed.verb === "OBSERVED");
  const { ip, port, udpPorts, token } = observed;
  assertEquals([ip, port, udpPorts], ["192.0.2.9", 40_001, [7, 8]]);
  assertEquals(other.heard(), [], "who only wants to know this comes and goes unseen");
  assert(bench.registry.datagram(request(token), FROM, bench.now));
  client.hangUp();
  assertEquals(bench.registry.datagram(request(token), FROM, bench.now), undefined);
  assertEquals(other.heard(), []);

  for (const without of [bench.connect("framed"), other, bench.greet("127.0.0.1", undefined, "")]) {
    without.say("OBSERVE");
    assertEquals(without.heardKinds(), ["ERROR:bad-message"]);
  }
  const classic = bench.join("bob", "classic");
  classic.say("OBSERVE");
  assertEquals(classic.heard(), ["BROADCAST:server:25:bad-message: unknown verb"]);
});

Deno.test("OBSERVE: counts in the message rate; without UDP ports it tells the TCP address", () => {
  const bench = new RegistryBench();
  const client = bench.greet("2001:db8::5");
  for (let n = 0; n < 30; n++) client.say("OBSERVE");
  const heard = client.heard();
  assertEquals(
    heard.filter((line) => /^OBSERVED:\[2001:db8::5\]:40001:[0-9a-f]{32}$/.test(line)).length,
    19,
  );
  assert(heard.some((line) => line.startsWith("ERROR:flood")));
});

Deno.test("OBSERVED: hostile forms are refused", () => {
  const token = "0".repeat(32);
  for (
    const payload of [
      "OBSERVED",
      "OBSERVED:192.0.2.1:1",
      `OBSERVED:192.0.2.1:0:${token}`,
      `OBSERVED:[192.0.2.1]:1:${token}`,
      `OBSERVED:192.0.2.1:1:${token}:`,
      `OBSERVED:192.0.2.1:1:${token}:0`,
      `OBSERVED:192.0.2.1:1:${token}:1:2:3`,
      `OBSERVED:192.0.2.1:1:${token}0`,
    ]
  ) {
    let refused = false;
    try {
      parseServerMessage(payload);
    } catch (error) {
      refused = error instanceof ProtocolError;
    }
    assert(refused, payload);
  }
});
