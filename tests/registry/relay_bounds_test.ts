/** What a relayed link may take, and that it takes nothing from others. */
import { MAX_LINKS_OF_SESSION, RELAY_WINDOW } from "../../lib/registry/limits.ts";
import { Dice, seedOfRun } from "../support/dice.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { LINK, linkNumber, RelayBench, type Relaying, waitingFor } from "../support/relay_bench.ts";

/** Weighs 1,063. */
const MESSAGE = "A".repeat(1_024);
const WEIGHT = `RELAY:${LINK}:${MESSAGE}`.length;
const IN_WINDOW = Math.floor(RELAY_WINDOW / WEIGHT);

function parted({ client }: Relaying): string[] {
  return client.heard().filter((line) => line.startsWith("PARTED:"));
}

Deno.test("relay: no more than a window is under way, whatever is said, read or not", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  for (let i = 0; i < IN_WINDOW; i++) ann.client.say(`RELAY:${LINK}:${MESSAGE}`);
  assertEquals(bob.client.heard().length, IN_WINDOW);
  bob.client.say(`TAKEN:${LINK}:${WEIGHT}`);
  assertEquals(ann.client.heard(), [`TAKEN:${LINK}:${WEIGHT}`]);
  ann.client.say(`RELAY:${LINK}:${MESSAGE}`);
  assertEquals(bob.client.heard(), [`RELAY:${LINK}:${MESSAGE}`]);
  ann.client.say(`RELAY:${LINK}:${MESSAGE}`);
  assertEquals([parted(ann), parted(bob)], [[`PARTED:${LINK}:window`], [`PARTED:${LINK}:window`]]);
});

Deno.test("relay: small messages weigh 256, so that a window is never many of them", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  for (let i = 0; i < 256; i++) ann.client.say(`RELAY:${LINK}:AAAA`);
  assertEquals(bob.client.heard().length, 256);
  ann.client.say(`RELAY:${LINK}:AAAA`);
  assertEquals(parted(bob), [`PARTED:${LINK}:window`]);
});

Deno.test("relay: over the rate, all links of a session together, one ends; within it none does", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  let said = 0;
  const speak = (): void => {
    ann.client.say(`RELAY:${LINK}:${MESSAGE}`);
    bench.flush();
    bob.client.say(`TAKEN:${LINK}:${(said += WEIGHT)}`);
  };
  // Ten seconds at 200 messages a second.
  for (let i = 0; i < 2_000; i++) {
    speak();
    bench.pass(5);
  }
  assertEquals(parted(ann), []);
  bench.pass(2_000);
  for (let i = 0; i < 493; i++) {
    ann.client.say(`RELAY:${LINK}:${MESSAGE}`);
    bench.flush();
    bob.client.say(`TAKEN:${LINK}:${(said += WEIGHT)}`);
  }
  assertEquals(parted(ann), []);
  ann.client.say(`RELAY:${LINK}:${MESSAGE}`);
  assertEquals(parted(ann), [`PARTED:${LINK}:rate`]);
  const lifted = new RelayBench({ messageRate: 0 });
  const [eve, dan] = lifted.linked();
  for (let i = 0; i < 5_000; i++) {
    eve.client.say(`RELAY:${LINK}:${MESSAGE}`);
    lifted.flush();
    dan.client.say(`TAKEN:${LINK}:${(i + 1) * WEIGHT}`);
  }
  assertEquals([parted(eve), dan.client.heard().length], [[], 5_000]);
});

Deno.test("relay: total and time of a link, and the hour of a pair", () => {
  const bench = new RelayBench();
  const [ann, bob] = bench.linked();
  const longest = `RELAY:${LINK}:${"A".repeat(16_384)}`;
  let said = 0;
  const ends: string[] = [];
  for (let second = 0; second < 1_200; second++) {
    for (let i = 0; i < 15; i++) {
      ann.client.say(longest);
      bench.flush();
      bob.client.say(`TAKEN:${LINK}:${(said += longest.length)}`);
    }
    bench.pass(1_000);
    bob.client.heard();
    const [end] = parted(ann);
    if (end === undefined) continue;
    ends.push(end);
    said = 0;
    bench.meet(ann, bob);
    bob.client.heard();
    ann.client.heard();
    if (ends.length === 5) break;
  }
  // Four totals are the hour of the pair, but for what did not fit.
  assertEquals(ends, Array(5).fill(`PARTED:${LINK}:bytes`));
  bench.pass(3_600_000);
  assertEquals(parted(bob).at(-1), `PARTED:${LINK}:time`);
  assertEquals(bench.registry.relayed.links, 0);
});

Deno.test("relay: who does not read holds a little, keeps nobody else waiting, and loses the link", () => {
  const bench = new RelayBench({ messageRate: 0 });
  const [ann, bob] = bench.linked();
  const [carol, dave] = [bench.enter("carol"), bench.enter("dave")];
  bench.meet(carol, dave, linkNumber(2));
  bob.client.stalled = [];
  for (let i = 0; i < 3; i++) {
    bench.meet(ann, bob, linkNumber(10 + i));
  }
  ann.client.heard();
  for (const link of [LINK, linkNumber(10), linkNumber(11), linkNumber(12)]) {
    for (let i = 0; i < IN_WINDOW; i++) ann.client.say(`RELAY:${link}:${MESSAGE}`);
    bench.flush();
  }
  assert(bob.client.queued < 65_536 + 20_000, `${bob.client.queued} wait`);
  for (let i = 0; i < 500; i++) {
    carol.client.say(`RELAY:${linkNumber(2)}:${MESSAGE}`);
    bench.flush();
    dave.client.say(`TAKEN:${linkNumber(2)}:${(i + 1) * WEIGHT}`);
  }
  const heard = dave.client.heard().filter((line) => line.startsWith("RELAY:"));
  assertEquals(heard.length, 500);
  ann.client.say("BROADCAST:ann:2:hi");
  bench.flush();
  assertEquals(waitingFor(bob.client).at(-1), "BROADCAST:ann:2:hi", "not behind what waits");
  bench.pass(10_000);
  const reasons = parted(ann).map((line) => line.split(":")[2]);
  // The first was handed on whole: nothing of it waits.
  assertEquals(reasons, ["slow", "slow", "slow"]);
  assertEquals([bob.client.closed, bench.registry.relayed.links], [false, 2]);
});

Deno.test("relay: links of one reader take turns by bytes, whatever the size of their messages", () => {
  const bench = new RelayBench({ messageRate: 0 });
  const bob = bench.enter("bob");
  const senders = ["ann", "carol", "dave"].map((name) => bench.enter(name));
  bob.client.heard();
  senders.forEach((sender, i) => bench.meet(sender, bob, linkNumber(i)));
  bob.client.heard();
  bob.client.stalled = [];
  const sizes = [256, 1_024, 16_384];
  const got = new Map<string, number>();
  // First so much that nothing more is handed on, then all have something waiting.
  for (let i = 0; i < 40; i++) {
    senders[0]?.client.say(`BROADCAST:ann:4096:${"x".repeat(4_096)}`);
    bench.flush();
  }
  senders.forEach(({ client }, i) => {
    const size = sizes[i] ?? 0;
    const count = Math.floor(RELAY_WINDOW / Math.max(256, size + 39));
    for (let n = 0; n < count; n++) client.say(`RELAY:${linkNumber(i)}:${"A".repeat(size)}`);
  });
  bench.flush();
  for (let turn = 0; turn < 9; turn++) {
    // Room for a few bytes: one link has its turn.
    bob.client.take(bob.client.queued - 65_000);
  }
  for (const line of bob.client.heard()) {
    const [verb, link = ""] = line.split(":");
    if (verb === "RELAY") got.set(link, (got.get(link) ?? 0) + line.length);
  }
  const values = [...got.values()];
  assertEquals(values.length, 3);
  assert(Math.max(...values) - Math.min(...values) <= 2 * 16_500, `${values}`);
});

Deno.test("relay: links and meetings are bounded for one and in all, and a storm leaves nothing", () => {
  const bench = new RelayBench({ messageRate: 0 });
  const [ann, bob] = bench.pair();
  for (let i = 0; i <= MAX_LINKS_OF_SESSION; i++) {
    ann.client.say(`MEET:${bob.session}:${linkNumber(i)}`);
  }
  assertEquals(ann.client.heard(), [`PARTED:${linkNumber(MAX_LINKS_OF_SESSION)}:full`]);
  const crowd = Array.from({ length: 140 }, (_, i) => bench.enter(`user${i}`));
  for (let i = 0; i < crowd.length; i += 2) {
    const [one, other] = [crowd[i], crowd[i + 1]];
    if (!one || !other) continue;
    for (let n = 0; n < MAX_LINKS_OF_SESSION; n++) {
      bench.meet(one, other, linkNumber(1_000 * i + n));
    }
  }
  assertEquals(bench.registry.relayed.links, 1_000);
  assertEquals(bench.counters.relayEnds.full, 1 + 70 * MAX_LINKS_OF_SESSION - 1_000);
  for (const { client } of crowd) client.say("QUIT");
  assertEquals(bench.registry.relayed.links, 0);
  for (const { client } of [ann, bob]) client.hangUp();
  bench.pass(120_000);
  assertEquals([bench.registry.size, bench.registry.nextTimeout()], [0, undefined]);
});

Deno.test("relay: a flood of PASS is held to its sender's rate and to its target's", () => {
  const bench = new RelayBench();
  const bob = bench.enter("bob");
  const crowd = Array.from({ length: 10 }, (_, i) => bench.enter(`user${i}`));
  bob.client.heard();
  for (const { client } of crowd) {
    client.heard();
    for (let i = 0; i < 15; i++) client.say(`PASS:${bob.session}:x`);
  }
  assertEquals(bob.client.heard().length, 40);
  const told = crowd.flatMap(({ client }) => client.heardKinds());
  assertEquals(told, Array(110).fill("UNPASSED"));
  bench.pass(1_000);
  const [first] = crowd;
  for (let i = 0; i < 30; i++) first?.client.say(`PASS:${bob.session}:x`);
  assertEquals(bob.client.heard().length, 10);
  assertEquals(first?.client.heardKinds().includes("ERROR:flood"), true);
});

Deno.test("relay: a storm of everything, read or not, keeps its bounds and leaves nothing", () => {
  const seed = seedOfRun();
  const random = new Dice(seed);
  const bench = new RelayBench({ messageRate: 0, grace: 0 });
  let people: Relaying[] = [];
  for (let step = 0; step < 6_000; step++) {
    if (people.length < 8) people.push(bench.enter(`user${step}`));
    const [one, other] = [random.pick(people), random.pick(people)];
    const link = linkNumber(random.below(12));
    const what = random.below(20);
    if (what < 4 && one !== other) bench.meet(one, other, link);
    else if (what < 14) {
      const size = 4 * (1 + random.below(random.below(10) === 0 ? 4_096 : 300));
      for (let i = random.below(40); i >= 0; i--) {
        one.client.say(`RELAY:${link}:${"A".repeat(size)}`);
      }
    } else if (what === 14) one.client.say(`PART:${link}`);
    else if (what === 15) one.client.stalled ??= [];
    else if (what === 16) one.client.take(random.below(200_000));
    else if (what === 17) one.client.say(`TAKEN:${link}:${random.below(100_000)}`);
    else if (what === 18 && random.below(10) === 0) {
      one.client.hangUp();
      people = people.filter((each) => each !== one);
    } else bench.pass(random.below(3_000));
    bench.flush();
    for (const { client } of people) {
      assert(client.queued < 262_144, `CONFAB_SEED=${seed}: ${client.queued} wait`);
      client.heard();
    }
    people = people.filter(({ client }) => !client.closed);
  }
  assert(
    bench.counters.relayLinks > 100,
    `CONFAB_SEED=${seed}: ${bench.counters.relayLinks} links`,
  );
  for (const { client } of people) client.hangUp();
  const { links, queued } = bench.registry.relayed;
  bench.pass(60_000);
  assertEquals(
    [links, queued, bench.registry.nextTimeout()],
    [0, 0, undefined],
    `CONFAB_SEED=${seed}`,
  );
});
