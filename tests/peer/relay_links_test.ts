/** Our end of links through the registry, against one that says whatever it likes: `docs/PROTOCOL.md` section 13. */
import { MAX_QUEUED_LINK_BYTES } from "../../lib/peer/limits.ts";
import { type RelayLinkNotice, RelayLinks } from "../../lib/peer/relay_links.ts";
import { formatRelay, type Relayed, relayWeight } from "../../lib/protocol/relay.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { THOROUGH } from "../support/thorough.ts";

const SEED = seedOfRun();
const NAME = "000102030405060708090a0b0c0d0e0f";
const SESSION = "b0b1b2b3b4b5b6b7";
const MET = {
  verb: "MET",
  link: NAME,
  session: SESSION,
  ...{ window: 65_536, rate: 262_144, total: 67_108_864, seconds: 3_600 },
} as const;

/** One client's links, and what they say. */
class Bench {
  readonly said: string[] = [];
  readonly events: string[] = [];
  readonly received: number[] = [];
  readonly links = new RelayLinks({
    send: (request) => void this.said.push(formatRelay(request)),
    opened: (id) => void this.events.push(`opened ${id}`),
    received: (_, chunk) => void this.received.push(...chunk),
    ended: (id) => void this.events.push(`ended ${id}`),
  });

  /** An open link, number 1. */
  static open(met: Partial<typeof MET> | Record<string, number> = {}): Bench {
    const bench = new Bench();
    bench.links.meet(1, SESSION, NAME);
    bench.tell({ ...MET, ...met });
    assertEquals([bench.take(), bench.events.splice(0)], [[`MEET:${SESSION}:${NAME}`], [
      "opened 1",
    ]]);
    return bench;
  }

  tell(message: RelayLinkNotice, now = 0): void {
    this.links.told(message, now);
  }

  take(): string[] {
    return this.said.splice(0);
  }
}

function relayed(bytes: Uint8Array): Relayed {
  return { verb: "RELAY", link: NAME, data: bytes.toBase64() };
}

Deno.test("two ends: any bytes in any pieces come out the same, within window, rate and total", () => {
  const dice = new Dice(SEED);
  for (let round = 0; round < (THOROUGH ? 5 : 2); round++) {
    const met = {
      ...MET,
      window: dice.pick([1_024, 16_384, 65_536]),
      rate: dice.pick([0, 20_000, 262_144]),
    };
    const [a, b] = [Bench.open(met), Bench.open(met)];
    const said: number[] = [];
    let [now, under, spoken] = [0, 0, 0];
    for (let i = 0; i < 200; i++) {
      const bytes = dice.bytes(dice.below(dice.pick([4, 400, 20_000])));
      said.push(...bytes);
      if (bytes.length > 0) a.links.send(1, bytes);
    }
    for (let step = 0; b.received.length < said.length; step++) {
      assert(step < 100_000, `it ends; CONFAB_SEED=${SEED}`);
      for (const payload of a.take()) {
        const data = payload.slice(39);
        assert(payload.startsWith(`RELAY:${NAME}:`) && data.length <= 16_384);
        under += relayWeight(payload.length);
        spoken += relayWeight(payload.length);
        b.tell({ verb: "RELAY", link: NAME, data }, now);
      }
      assert(under <= met.window, "never more than a window");
      if (met.rate > 0) assert(spoken <= met.rate * (1 + now / 1_000) + 1, "never over the rate");
      for (const payload of b.take()) {
        const count = Number(payload.split(":").at(-1));
        under = spoken - count;
        a.tell({ verb: "TAKEN", link: NAME, count }, now);
      }
      const times = [a, b].map(({ links }) => links.nextTimeout() ?? Infinity);
      now = Math.max(now, Math.min(...times, now + 1_000));
      for (const { links } of [a, b]) links.timeout(now);
    }
    assertEquals(b.received, said, `CONFAB_SEED=${SEED}`);
    assertEquals([a.events, b.events, a.links.queued(1)], [[], [], 0]);
  }
});

Deno.test("a link that has carried all that it may ends, and is told to be over", () => {
  const bench = Bench.open({ total: 1_000, rate: 0 });
  for (let i = 0; i < 3; i++) bench.links.send(1, new Uint8Array(10));
  assertEquals(bench.events, []);
  bench.links.send(1, new Uint8Array(10));
  assertEquals([bench.take().at(-1), bench.events], [`PART:${NAME}`, ["ended 1"]]);
  assertEquals(bench.links.has(1), false);
});

Deno.test("what waits is bounded", () => {
  const bench = Bench.open();
  assertEquals(bench.links.send(1, new Uint8Array(MAX_QUEUED_LINK_BYTES)), true);
  assertEquals(bench.links.send(1, new Uint8Array(MAX_QUEUED_LINK_BYTES)), false);
  assertEquals(bench.events, []);
});

Deno.test("a hostile registry: a TAKEN of what was never said, a MET with another, a second MET end the link", () => {
  const wrong: RelayLinkNotice[] = [
    { verb: "TAKEN", link: NAME, count: 1 },
    { verb: "TAKEN", link: NAME, count: Number.MAX_SAFE_INTEGER },
    { ...MET, session: "c0c1c2c3c4c5c6c7" },
    MET,
  ];
  for (const message of wrong) {
    const bench = Bench.open();
    bench.tell(message);
    assertEquals([bench.take(), bench.events], [[`PART:${NAME}`], ["ended 1"]], message.verb);
    bench.tell(relayed(new Uint8Array(4)));
    assertEquals(bench.received, []);
  }
  const other = new Bench();
  other.links.meet(1, SESSION, NAME);
  other.tell({ ...MET, session: "c0c1c2c3c4c5c6c7" });
  assertEquals(other.events, ["ended 1"], "not with the one we named");
});

Deno.test("a hostile registry: what is of no link of ours, or of one that is not open, is not heard", () => {
  const bench = new Bench();
  bench.links.meet(1, SESSION, NAME);
  bench.take();
  bench.tell(relayed(new Uint8Array(4)));
  const foreign = NAME.replace("0", "f");
  const verbs: RelayLinkNotice[] = [
    { ...MET, link: foreign },
    { ...relayed(new Uint8Array(4)), link: foreign },
    { verb: "TAKEN", link: foreign, count: 0 },
    { verb: "PARTED", link: foreign, reason: "closed" },
  ];
  for (const message of verbs) bench.tell(message);
  assertEquals([bench.received, bench.events, bench.take()], [[], [], []]);
});

Deno.test("a link ended by us and asked for again: what is late of the old one is not the new one's", () => {
  const bench = Bench.open();
  bench.links.end(1);
  assertEquals(bench.take(), [`PART:${NAME}`]);
  bench.links.meet(2, SESSION, NAME);
  bench.tell(relayed(new Uint8Array(4)));
  bench.tell({ verb: "PARTED", link: NAME, reason: "closed" });
  assertEquals([bench.received, bench.events], [[], []]);
  bench.tell(MET);
  bench.tell(relayed(Uint8Array.of(7)));
  assertEquals([bench.received, bench.events], [[7], ["opened 2"]]);
});

Deno.test("a connection that is lost ends all links; PARTED ends one; each is told once", () => {
  const bench = Bench.open();
  bench.links.meet(2, SESSION, NAME.replace("0", "f"));
  bench.tell({ verb: "PARTED", link: NAME, reason: "slow" });
  bench.tell({ verb: "PARTED", link: NAME, reason: "slow" });
  assertEquals(bench.events, ["ended 1"]);
  bench.links.offline();
  bench.links.offline();
  assertEquals(bench.events, ["ended 1", "ended 2"]);
  assertEquals(bench.links.nextTimeout(), undefined);
});
