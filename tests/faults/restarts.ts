/** A registry that is killed and started again, with connections that break besides. */
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { OriginStore } from "../support/origin_store.ts";
import { type Program, startServer } from "../support/program.ts";
import { Crowd } from "./crowd.ts";
import type { ProductParticipant } from "./participants.ts";
import { Jitter } from "./jitter.ts";
import { Storm } from "./storm.ts";
import { textOf } from "./truth.ts";

/** How much of everything. */
export interface RestartsPlan {
  readonly seed: number;
  /** Clients written from the protocol's page. */
  readonly capable: number;
  /** The product's own clients: two of them have a private chat. */
  readonly product: number;
  readonly broadcasts: number;
  readonly cuts: number;
  readonly restarts: number;
}

/** With `--profile` it has the same key each time, as a registry that is not ephemeral. */
const FLAGS = ["--message-rate", "0", "--max-per-ip", "0", "--profile", "faults"];
/** Newcomers that are reset while the registry is away: fewer than all, more than none. */
const MAX_REFUSALS = 50;
/** One private text each way for so many broadcasts. */
const BROADCASTS_PER_WHISPER = 10;

/** A registry's process that a proxy leads to. */
class MortalRegistry implements AsyncDisposable {
  readonly #store: OriginStore;
  readonly proxy: FaultProxy;
  readonly #dice: Dice;
  #server: Program;
  #rising = Promise.resolve();
  deaths = 0;

  private constructor(server: Program, proxy: FaultProxy, dice: Dice, store: OriginStore) {
    this.#server = server;
    this.proxy = proxy;
    this.#dice = dice;
    this.#store = store;
  }

  static async start(dice: Dice, storm: Storm): Promise<MortalRegistry> {
    const store = new OriginStore();
    const { server, port } = await startServer(FLAGS, "127.0.0.1", store);
    const proxy = await FaultProxy.start(port, (passage) => storm.opened(passage));
    return new MortalRegistry(server, proxy, dice, store);
  }

  /** Kills it, once it has started; another one starts meanwhile. */
  kill(): void {
    this.deaths++;
    const refusals = this.#dice.below(MAX_REFUSALS);
    this.#rising = this.#rising.then(async () => {
      this.proxy.strand(refusals);
      // By SIGKILL.
      await this.#server[Symbol.asyncDispose]();
      const { server, port } = await startServer(FLAGS, "127.0.0.1", this.#store);
      this.#server = server;
      this.proxy.lead(port);
    });
  }

  /** Resolves when the last one runs. */
  get risen(): Promise<void> {
    return this.#rising;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rising;
    await this.proxy[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    await this.#store[Symbol.asyncDispose]();
  }
}

/**
 * Plays it, and asserts that nothing is doubled or out of order, that all is acknowledged in the end, that everybody is
 * told of each registry that they lost, and that a private chat goes on through it all; what happened, in a line.
 */
export async function playRestarts(plan: RestartsPlan): Promise<string> {
  const dice = new Dice(plan.seed);
  const storm = new Storm(dice);
  using _ = new Jitter(new Dice(plan.seed + 1));
  await using registry = await MortalRegistry.start(dice, storm);
  const { port } = registry.proxy;
  await using crowd = new Crowd({ maxBehind: Infinity });
  await crowd.join("capable", plan.capable, port);
  await crowd.join("product", plan.product, port);
  const [ann, bob] = crowd.product;
  assert(ann && bob);
  let whispers = 0;
  const whisper = (): void => {
    whispers++;
    ann.client.chat(bob.name, `whisper#${whispers}`);
    bob.client.chat(ann.name, `whisper#${whispers}`);
  };
  await crowd.until(
    "each other",
    () =>
      ann.client.peers.some(({ username }) => username === bob.name) &&
      bob.client.peers.some(({ username }) => username === ann.name),
  );
  whisper();
  await crowd.until("a chat", () => ann.whispers.length === 1 && bob.whispers.length === 1);
  storm.begin(plan.cuts, plan.broadcasts);
  const others = plan.capable + plan.product - 1;
  const allBack = (): Promise<void> =>
    crowd.until("everybody back", () => {
      const epoch = crowd.capable[0]?.epoch;
      return crowd.capable.every((one) => one.epoch === epoch && one.others === others) &&
        crowd.product.every((one) =>
          (one.epoch === epoch || registry.deaths === 0) && one.others === others
        );
    });
  const lives = Math.floor(plan.broadcasts / (plan.restarts + 1));
  for (let life = 0; life <= plan.restarts; life++) {
    if (life > 0) registry.kill();
    // For a while nobody waits for those who come back later.
    const lonely = dice.below(Math.floor(lives / 2));
    for (let i = 0; i < lives; i++) {
      if (i === lonely) {
        await registry.risen;
        storm.relent();
        await allBack();
      }
      storm.blow();
      await crowd.say(dice);
      if (i % BROADCASTS_PER_WHISPER === 0) whisper();
    }
  }
  storm.calm();
  await crowd.answered();
  await allBack();
  const [last] = crowd.capable;
  assert(last);
  last.say();
  await crowd.until(
    "the last word",
    () =>
      crowd.capable.every(({ ledger }) => ledger.position === last.ledger.position) &&
      crowd.product.every(({ texts }) => texts.at(-1) === textOf(last.name, last.said)),
  );
  await crowd.until(
    "all private texts",
    () => ann.whispers.length >= whispers && bob.whispers.length >= whispers,
  );
  const { complaints } = crowd.room.truth;
  assertEquals(complaints.count, 0, `${complaints}`);
  for (const one of [ann, bob]) checkChat(one, whispers);
  const counts = summary(crowd);
  assert(counts.resumes > 0 && registry.deaths === plan.restarts);
  assertEquals(counts.untold, 0, "who missed something was told of a new epoch");
  await crowd.quit();
  return `${registry.deaths} registries killed, ${storm.cuts} cuts; ${JSON.stringify(counts)}`;
}

function checkChat({ name, whispers, events }: ProductParticipant, count: number): void {
  const expected = Array.from({ length: count }, (_, i) => `whisper#${i + 1}`);
  assertEquals([...whispers], expected, `${name}'s private chat`);
  assertEquals(events.filter((event) => event.event === "session").length, 1, name);
}

function summary(
  crowd: Crowd,
): Record<"resumes" | "repeats" | "restarts" | "missing" | "untold", number> {
  const all = [...crowd.capable, ...crowd.product];
  const total = crowd.said + 1;
  const missing = all.map((one) => total - one.heard - one.said);
  return {
    resumes: crowd.resumes,
    repeats: crowd.capable.reduce((sum, { ledger }) => sum + ledger.repeats, 0),
    restarts: crowd.capable.reduce((sum, { ledger }) => sum + ledger.restarts, 0),
    missing: missing.reduce((sum, each) => sum + each, 0),
    untold: crowd.capable.filter((one) => one.heard + one.said < total && one.ledger.restarts === 0)
      .length +
      crowd.product.filter((one) => one.heard + one.said < total && one.epoch === undefined).length,
  };
}
