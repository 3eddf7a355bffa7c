/** The client's side of observation: what is sent when, which answers count, and what two of them say of a NAT. */
import { ObservationRound } from "../../lib/peer/observation_round.ts";
import { parseDatagram } from "../../lib/protocol/datagram.ts";
import { assertEquals } from "../support/assert.ts";

const TOKEN = "606162636465666768696a6b6c6d6e6f";
const REGISTRY = "203.0.113.1";
const OBSERVED = {
  verb: "OBSERVED",
  ip: "192.0.2.1",
  port: 1,
  token: TOKEN,
  udpPorts: [7, 8],
} as const;

const seen = (port: number, ip = "192.0.2.1") =>
  ({ kind: "observed", token: TOKEN, ip, port }) as const;

Deno.test("observation round: both ports are asked, again while they are silent, and given up", () => {
  const round = new ObservationRound(OBSERVED, REGISTRY, 1_000);
  const sent: [number, number][] = [];
  for (let at = round.nextTimeout(); at !== undefined; at = round.nextTimeout()) {
    for (const { to, bytes } of round.due(at)) {
      assertEquals(parseDatagram(bytes), { kind: "observe", token: TOKEN });
      assertEquals(to.ip, REGISTRY);
      sent.push([at - 1_000, to.port]);
      if (to.port === 8 && at > 1_200) {
        round.observed(seen(9), { ip: REGISTRY, port: 8 }, at + 20);
      }
    }
  }
  assertEquals(sent, [[0, 7], [0, 8], [250, 7], [250, 8], [750, 7], [1_750, 7]]);
  assertEquals(round.isOver, true);
  assertEquals(round.sightings, [{ ip: "192.0.2.1", port: 9, by: 8, ms: 20 }]);
  assertEquals(round.mapping, "unknown");
});

const ROUNDS: readonly [
  what: string,
  a: [number, string?],
  b: [number, string?],
  mapping: string,
][] = [
  ["the same port at both", [9], [9], "independent"],
  ["another port", [9], [10], "dependent"],
  ["another address", [9, "192.0.2.1"], [9, "192.0.2.2"], "dependent"],
];

for (const [what, a, b, mapping] of ROUNDS) {
  Deno.test(`observation round: ${what} is ${mapping}`, () => {
    const round = new ObservationRound(OBSERVED, REGISTRY, 0);
    round.due(0);
    round.observed(seen(...a), { ip: REGISTRY, port: 7 }, 1);
    round.observed(seen(...b), { ip: REGISTRY, port: 8 }, 2);
    assertEquals([round.mapping, round.isOver, round.nextTimeout()], [mapping, true, undefined]);
  });
}

Deno.test("observation round: answers of others, of other rounds, unasked or repeated are nothing", () => {
  const round = new ObservationRound(OBSERVED, REGISTRY, 0);
  round.observed(seen(9), { ip: REGISTRY, port: 7 }, 0);
  round.due(0);
  round.observed({ ...seen(9), token: "f".repeat(32) }, { ip: REGISTRY, port: 7 }, 1);
  round.observed(seen(9), { ip: "203.0.113.2", port: 7 }, 1);
  round.observed(seen(9), { ip: REGISTRY, port: 9 }, 1);
  assertEquals(round.sightings, []);
  round.observed(seen(9), { ip: REGISTRY, port: 7 }, 1);
  round.observed(seen(10), { ip: REGISTRY, port: 7 }, 2);
  assertEquals(round.sightings.length, 1);
});

Deno.test("observation round: without ports there is nothing to do", () => {
  const round = new ObservationRound({ ...OBSERVED, udpPorts: [] }, REGISTRY, 0);
  assertEquals([round.isOver, round.due(0), round.nextTimeout()], [true, [], undefined]);
});
