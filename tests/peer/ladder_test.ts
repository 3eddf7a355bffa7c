/** The search for a better link, against a peer that says whatever it likes: `docs/PROTOCOL.md` 9.7. */
import { Ladder } from "../../lib/peer/ladder.ts";
import { MAX_PUNCHES, ROUND_MS } from "../../lib/peer/limits.ts";
import { formatPrivate, type PathMessage } from "../../lib/protocol/private.ts";
import { assert, assertEquals } from "../support/assert.ts";

const PEER = "192.168.2.2";
const SEEN = { ip: "203.0.113.11", port: 50_001 };

/** One ladder, and what it asks for. */
class Bench {
  now = 0;
  readonly said: string[] = [];
  readonly dialled: string[] = [];
  readonly punched: string[] = [];
  readonly probes = new Set<number>();
  readonly listeners = new Set<string>();
  readonly ladder: Ladder;
  #ids = 0;

  constructor(leads: boolean, ownIps = ["192.168.1.2"]) {
    this.ladder = new Ladder({
      ...{ leads, ownIps, peerIp: PEER },
      newId: () => `listener ${++this.#ids}`,
      newLinkId: () => ++this.#ids,
    }, {
      tell: (message) => void this.said.push(formatPrivate(message)),
      listen: (id) => void this.listeners.add(id),
      unlisten: (id) => void this.listeners.delete(id),
      observe: (probe) => void this.probes.add(probe),
      unobserve: (probe) => void this.probes.delete(probe),
      dial: ({ ip, port }) => void this.dialled.push(`${ip} ${port}`),
      punch: (_, { ip, port }) => void this.punched.push(`${ip} ${port}`),
    });
    this.ladder.begin(0);
    this.ladder.listening(40_001, 0);
  }

  hear(message: PathMessage): void {
    this.ladder.heard(message, this.now);
  }

  /** All ports are seen at once as the registry would. */
  see(): void {
    for (const probe of this.probes) this.ladder.observed(probe, SEEN, this.now);
  }

  pass(ms: number): void {
    const until = this.now + ms;
    for (let at = this.ladder.nextTimeout(); at !== undefined && at <= until;) {
      this.now = Math.max(this.now, at);
      this.ladder.timeout(this.now);
      this.see();
      at = this.ladder.nextTimeout();
    }
    this.now = until;
  }

  take(start: string): string[] {
    return this.said.filter((each) => each.startsWith(start));
  }
}

Deno.test("PATHS: what is told once it is known how we are seen, or after half a second without that", () => {
  const bench = new Bench(true, ["192.168.1.2", "198.51.100.7"]);
  assertEquals(bench.take("PATHS"), []);
  bench.see();
  assertEquals(bench.take("PATHS"), [
    "PATHS:203.0.113.11:192.168.1.2:40001:198.51.100.7:40001:203.0.113.11:40001",
  ]);
  const blind = new Bench(true);
  blind.ladder.timeout(500);
  assertEquals(blind.take("PATHS"), ["PATHS:-:192.168.1.2:40001"]);
  blind.see();
  blind.see();
  assertEquals(blind.take("PATHS").length, 2, "and once more when it is known after all");
});

Deno.test("PATHS: addresses of another network are not dialled; of the same one all are, once", () => {
  const at = [PEER, "10.0.0.1", "203.0.113.12", "169.254.1.1"].map((ip) => ({ ip, port: 5 }));
  const far = new Bench(false);
  far.see();
  far.hear({ verb: "PATHS", seen: "203.0.113.12", at });
  assertEquals(far.dialled, [`${PEER} 5`, "203.0.113.12 5"]);
  far.hear({ verb: "PATHS", seen: "203.0.113.12", at: [...at, { ip: PEER, port: 6 }] });
  assertEquals(far.dialled.length, 3, "what is new in a second one");
  far.hear({ verb: "PATHS", seen: "203.0.113.12", at: [{ ip: PEER, port: 7 }] });
  assertEquals(far.dialled.length, 3, "a third one in one search");
  const near = new Bench(false);
  near.see();
  near.hear({ verb: "PATHS", seen: SEEN.ip, at });
  assertEquals(near.dialled.length, 4);
});

Deno.test("PATHS and GO: what is no host, and loopback, is never dialled", () => {
  for (
    const ip of ["0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "::", "::1", "ff02::1"]
  ) {
    const bench = new Bench(false);
    bench.see();
    bench.hear({ verb: "PATHS", seen: ip, at: [{ ip, port: 22 }] });
    bench.hear({ verb: "GO", attempt: 1, from: { ip, port: 22 } });
    bench.pass(5_000);
    assertEquals([bench.dialled, bench.punched], [[], []], ip);
  }
});

Deno.test("GO: three in a search, in their order, and no other number; who leads hears only answers", () => {
  const bench = new Bench(false);
  bench.see();
  for (const attempt of [0, 2, 3, 1, 1, 3, 2, 3, 4, 5, 1]) {
    bench.hear({ verb: "GO", attempt, from: { ip: "203.0.113.12", port: 100 + attempt } });
    bench.see();
    bench.pass(1);
  }
  assertEquals(bench.punched, ["203.0.113.12 101", "203.0.113.12 102", "203.0.113.12 103"]);
  assertEquals(bench.take("GO").length, MAX_PUNCHES);
  const leader = new Bench(true);
  leader.see();
  leader.hear({ verb: "GO", attempt: 1, from: { ip: "203.0.113.12", port: 1 } });
  assertEquals(leader.punched, []);
});

Deno.test("a search in which nothing is found ends, and leaves no port open", () => {
  for (const leads of [true, false]) {
    const bench = new Bench(leads);
    bench.see();
    bench.hear({ verb: "PATHS", seen: "203.0.113.12", at: [{ ip: PEER, port: 5 }] });
    bench.pass(ROUND_MS);
    assertEquals([bench.listeners.size, bench.probes.size], [0, 0], `leads: ${leads}`);
    assert(bench.take("GO").length <= MAX_PUNCHES);
  }
});

Deno.test("half a round trip after its own GO the one who does not lead dials; the leader when it hears that", () => {
  const follower = new Bench(false);
  follower.see();
  follower.now = 80;
  follower.hear({ verb: "PONG", number: 0 });
  follower.hear({ verb: "PONG", number: 77 });
  follower.hear({ verb: "GO", attempt: 1, from: SEEN });
  follower.pass(39);
  assertEquals(follower.punched, []);
  follower.pass(1);
  assertEquals([follower.punched.length, follower.ladder.roundTrip], [1, 80]);
  const leader = new Bench(true);
  leader.see();
  leader.pass(900);
  assertEquals([leader.take("GO").length, leader.punched.length], [1, 0]);
  leader.hear({ verb: "GO", attempt: 1, from: { ip: "203.0.113.12", port: 9 } });
  assertEquals(leader.punched, ["203.0.113.12 9"]);
});
