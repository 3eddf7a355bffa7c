import { playRandomWorld } from "../peer/random_world.ts";
import { assert } from "../support/assert.ts";
import { budgetMs } from "../support/budget.ts";
import { seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();

Deno.test("random worlds for long: each becomes quiet as it should", () => {
  const until = performance.now() + budgetMs();
  let runs = 0;
  for (; performance.now() < until; runs++) {
    try {
      playRandomWorld(SEED + runs);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED + runs}: ${cause}`, { cause });
    }
  }
  console.log(`CONFAB_SEED=${SEED}: ${runs} worlds`);
  assert(runs > 0);
});
