/** Connections that break, under a registry that stays. */
import { type RegistryEvent, startRegistry } from "../../mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { Crowd } from "./crowd.ts";
import { Jitter } from "./jitter.ts";
import { Storm } from "./storm.ts";

/** How much of everything. */
export interface CutsPlan {
  readonly seed: number;
  /** Clients written from the protocol's page; there is one more that is never cut. */
  readonly capable: number;
  /** The product's own clients. */
  readonly product: number;
  readonly broadcasts: number;
  readonly cuts: number;
  /** Broadcasts that are said while somebody is away: fewer make it come back more often. */
  readonly maxBehind: number;
}

/** One comes and goes for so many broadcasts. */
const BROADCASTS_PER_VISITOR = 20;

/** Plays it, and asserts that nothing is lost, doubled or out of order; what happened, in a line. */
export async function playCuts(plan: CutsPlan): Promise<string> {
  const dice = new Dice(plan.seed);
  const told = new Map<RegistryEvent["event"], number>();
  await using registry = startRegistry({
    hostname: "127.0.0.1",
    port: 0,
    messageRate: 0,
    maxPerIp: 0,
    onEvent: ({ event }) => void told.set(event, (told.get(event) ?? 0) + 1),
  });
  const { port } = registry.addr;
  const storm = new Storm(dice);
  using _ = new Jitter(new Dice(plan.seed + 1));
  await using proxy = await FaultProxy.start(port, (passage) => storm.opened(passage));
  await using crowd = new Crowd({ maxBehind: plan.maxBehind, heldUp: () => storm.relent() });
  await crowd.join("capable", 1, port);
  await crowd.joinPlain(port);
  await crowd.join("capable", plan.capable, proxy.port);
  await crowd.join("product", plan.product, proxy.port);
  const others = 2 + plan.capable + plan.product;
  await crowd.until(
    "everybody",
    () => crowd.capable.every((one) => one.others === others),
  );
  storm.begin(plan.cuts, plan.broadcasts);
  for (let i = 0; i < plan.broadcasts; i++) {
    storm.blow();
    if (dice.below(BROADCASTS_PER_VISITOR) === 0) crowd.visit(port);
    await crowd.say(dice);
  }
  storm.calm();
  await crowd.answered();
  await crowd.heardAll();

  const { truth } = crowd.room;
  crowd.checkOrders();
  assertEquals(truth.complaints.count, 0, `${truth.complaints}`);
  assertEquals([truth.size, truth.epochs.length], [crowd.said, 1]);
  await crowd.until(
    "nobody but those who stay",
    () =>
      crowd.capable.every((one) => one.others === others) &&
      crowd.product.every((one) => one.others === others),
  );
  for (const { name, ledger } of crowd.capable) {
    assertEquals([ledger.position, ledger.missed], [crowd.said, 0], name);
  }
  const { resumes } = crowd;
  const early = crowd.capable.reduce((sum, { ledger }) => sum + ledger.early, 0);
  await crowd.quit();
  assert(storm.cuts >= 0.9 * plan.cuts, `${storm.cuts} cuts hit a connection`);
  assert(resumes >= 0.5 * storm.cuts, `${resumes} resumes after ${storm.cuts} cuts`);
  const counts = JSON.stringify({ ...storm.tally, ...Object.fromEntries(told) });
  return `${storm.cuts} cuts, ${resumes} resumes, ${early} early ACKs; ${counts}`;
}
