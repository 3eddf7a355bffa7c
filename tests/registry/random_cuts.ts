/**
 * Random clients, messages, cuts in the middle of anything, stalls and returns against the registry's machine: whatever
 * happens, everybody who is in the room has each broadcast once, in order, or is told that it is missing; and knows who is
 * here.
 *
 * @module
 */
import { HISTORY_BYTES, MAX_QUEUED_BYTES } from "../../lib/registry/limits.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { BenchCapable } from "../support/bench_capable.ts";
import { Dice } from "../support/dice.ts";
import { type BenchClient, identityNumber, RegistryBench } from "../support/registry_bench.ts";

const CAPABLE = 4;
const STEPS = 150;
/** Over the bound once a few have come, under the rate of bytes once in a while. */
const LONG = "\u{1f642}".repeat(4_000);
const DIALECTS = ["framed", "classic", "keyed"] as const;

/** How much of what there is to find happened in a run. */
export interface Findings {
  readonly broadcasts: number;
  readonly resumed: number;
  readonly registered: number;
  readonly gaps: number;
  readonly stopped: number;
  readonly repeats: number;
  readonly past: number;
}

/** Plays one run; throws at the first thing that is wrong. */
export function playRandomCuts(seed: number): Findings {
  const play = new Play(new Dice(seed));
  for (let step = 0; step < STEPS; step++) play.step();
  play.settle();
  return play.check();
}

class Play {
  readonly #random: Dice;
  readonly #bench: RegistryBench;
  /** Is never cut, and reads at once: what it hears is what happened. */
  readonly #witness: BenchCapable;
  readonly #plainWitness: BenchClient;
  readonly #plainHeard: string[] = [];
  readonly #clients: BenchCapable[];
  /** Connections that are gone, of which the registry does not know yet. */
  readonly #gone: BenchClient[] = [];
  #visitors: { readonly client: BenchClient; readonly name: string }[] = [];
  #names = 0;
  #texts = 0;

  constructor(random: Dice) {
    this.#random = random;
    // Grace may run out in a run, and may not be there at all.
    const grace = random.pick([0, 2, 30, 30, 30]);
    const replay = random.pick([0, 1, 50, 4_096]);
    this.#bench = new RegistryBench({ maxPerIp: 0, messageRate: 0, grace, replay });
    this.#witness = new BenchCapable(this.#bench, "witness", identityNumber(1));
    this.#witness.connect();
    this.#witness.read();
    this.#plainWitness = this.#bench.join("plain-witness");
    this.#clients = Array.from({ length: CAPABLE }, (_, i) => {
      const client = new BenchCapable(this.#bench, `c${i}`, identityNumber(i + 2));
      client.connect("stalled");
      return client;
    });
  }

  step(): void {
    const random = this.#random;
    const client = random.pick(this.#clients);
    const steps: readonly (() => void)[] = [
      () => this.#say(client),
      () => this.#say(client),
      () => this.#say(client),
      () => this.#say(this.#witness),
      () => this.#take(client, random.below(400)),
      () => this.#take(client, random.below(100_000)),
      () => this.#take(client, 1_000_000),
      () => this.#cut(client),
      () => this.#hangUp(),
      () => client.link?.say(`REPLAY:${random.below(200)}`),
      () => this.#visit(),
      () => this.#bench.pass(random.below(30)),
      () => this.#bench.pass(random.below(3_000)),
      () => this.#bench.flush(),
    ];
    if (random.below(20 * STEPS) === 0) this.#sayMore();
    else random.pick(steps)();
    for (const each of this.#clients) this.#lookAfter(each);
    this.#readWitnesses();
  }

  /** All come back, all is read. */
  settle(): void {
    for (const gone of this.#gone.splice(0)) gone.hangUp();
    for (let round = 0; round < 100; round++) {
      for (const client of this.#clients) {
        if (!client.link) client.connect("stalled");
        this.#take(client, 1_000_000);
      }
      this.#bench.pass(100);
      this.#readWitnesses();
    }
  }

  check(): Findings {
    const truth = new Map<number, string>();
    for (const each of this.#witness.heard) {
      if (each.kind === "said") truth.set(each.said.number, each.said.text);
      else if (each.kind === "own") truth.set(each.number, each.text ?? "");
      else throw new Error("who reads has no gap");
    }
    const texts = [...truth.values()];
    assertEquals(new Set(texts).size, texts.length, "nothing is taken twice");
    assertEquals([...truth.keys()].toSorted((a, b) => a - b), texts.map((_, i) => i + 1));
    assertEquals(this.#plainHeard, texts.map((_, i) => truth.get(i + 1)), "plain clients hear all");
    for (const client of [this.#witness, ...this.#clients]) checkStory(client, truth);
    const roster = this.#bench.greetCapable("late", identityNumber(99));
    roster.say("REGISTER:late:127.0.0.1:5001");
    const here = roster.heard().join().matchAll(/:([^:]+):127\.0\.0\.1:(\d+):([0-9a-f]{16}):/g);
    const users = Array.from(here, ([, name, port, session]) => `${name} ${port} ${session}`)
      .filter((user) => !user.startsWith("late ")).toSorted();
    for (const client of [this.#witness, ...this.#clients]) {
      // Of itself it may have been told or not.
      const others = (user: string): boolean => !user.startsWith(`${client.name} `);
      const known = Array.from(
        client.roster.values(),
        ({ username, udpPort, session }) => `${username} ${udpPort} ${session}`,
      );
      assertEquals(
        known.filter(others).toSorted(),
        users.filter(others),
        `whom ${client.name} knows to be here`,
      );
    }
    const { counters } = this.#bench;
    return {
      broadcasts: counters.broadcasts,
      resumed: counters.resumes,
      registered: this.#clients.reduce((sum, { registrations }) => sum + registrations, 0),
      gaps: counters.gaps,
      stopped: counters.queueHighWater > MAX_QUEUED_BYTES / 2 ? 1 : 0,
      repeats: counters.repeats,
      past: this.#clients.reduce((sum, { past }) => sum + past.length, 0),
    };
  }

  #say(client: BenchCapable): void {
    const text = `${++this.#texts} ${this.#random.below(4) === 0 ? LONG : ""}`;
    client.say(text);
    if (this.#random.below(2) === 0) this.#bench.flush();
  }

  /** More than the registry remembers. */
  #sayMore(): void {
    for (let bytes = 0; bytes <= HISTORY_BYTES; bytes += 4 * LONG.length / 2) {
      this.#witness.say(`${++this.#texts} ${LONG}`);
      this.#bench.flush();
    }
  }

  #take(client: BenchCapable, count: number): void {
    client.link?.take(count);
    client.read();
  }

  /** The connection dies in the middle of a message in either direction. */
  #cut(client: BenchCapable): void {
    const random = this.#random;
    if (!client.link) return;
    if (random.below(2) === 0) client.say(`${++this.#texts}`, random.below(60));
    this.#take(client, random.below((client.link?.queued ?? 0) + 1));
    const gone = client.lose();
    if (gone && random.below(3) > 0) gone.hangUp();
    else if (gone) this.#gone.push(gone);
  }

  /** The registry hears of a connection that is gone. */
  #hangUp(): void {
    this.#gone.shift()?.hangUp();
  }

  /** Somebody without numbers comes, or leaves. */
  #visit(): void {
    const random = this.#random;
    if (this.#visitors.length > 0 && random.below(2) === 0) {
      const [visitor] = this.#visitors.splice(random.below(this.#visitors.length), 1);
      return visitor?.client.hangUp();
    }
    const name = `v${random.below(3) === 0 ? ++this.#names : random.below(5)}`;
    if (this.#visitors.some((visitor) => visitor.name === name)) return;
    const dialect = random.pick(DIALECTS);
    const client = dialect === "keyed"
      ? this.#bench.joinKeyed(name, identityNumber(50))
      : this.#bench.join(name, dialect);
    this.#visitors.push({ client, name });
  }

  /** Comes back at once or later, from another address or the same; nothing waits over the bound. */
  #lookAfter(client: BenchCapable): void {
    const random = this.#random;
    const waiting = client.link?.queued ?? 0;
    assert(waiting <= MAX_QUEUED_BYTES + 4_096, `${waiting} wait for ${client.name}`);
    if (client.link?.closed) client.read();
    if (client.link || random.below(8) > 0) return;
    if (random.below(4) === 0) client.udpPort = 5_001 + random.below(3);
    client.connect("stalled");
  }

  #readWitnesses(): void {
    this.#witness.read();
    for (const line of this.#plainWitness.heard()) {
      const [, text] = /^BROADCAST:[^:]+:\d+:([^]*)$/.exec(line) ?? [];
      if (text !== undefined) this.#plainHeard.push(text);
    }
  }
}

/** Each broadcast since it came: heard once, or its own, or told to be missing. */
function checkStory(client: BenchCapable, truth: ReadonlyMap<number, string>): void {
  const { name, heard, since, acknowledged, unanswered } = client;
  assertEquals(unanswered, [], `${name} has an answer to each`);
  const numbers = new Map(Array.from(truth, ([number, text]) => [text, number]));
  const own = acknowledged.map((text) => numbers.get(text) ?? 0);
  assert(!own.includes(0), `${name} was acknowledged what nobody has`);
  let number = since;
  for (const each of heard) {
    const at = each.kind === "said" ? each.said.number : each.number;
    if (each.kind === "gap") {
      const ownMissed = own.filter((mine) => mine > number && mine <= at).length;
      assertEquals(each.missed, at - number - ownMissed, `${name} misses up to ${at}`);
    } else {
      assertEquals(at, number + 1, `${name} has nothing between`);
      const text = each.kind === "said" ? each.said.text : each.text;
      assertEquals(text ?? truth.get(at), truth.get(at), `${name} at ${at}`);
    }
    number = at;
  }
  assertEquals(number, truth.size, `${name} has heard of all`);
  for (const { number, text } of client.past) {
    assertEquals(text, truth.get(number), `${name}: what was said as number ${number}`);
  }
}
