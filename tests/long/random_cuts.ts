import { playRandomCuts } from "../registry/random_cuts.ts";
import { assert } from "../support/assert.ts";
import { budgetMs } from "../support/budget.ts";
import { seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();

Deno.test("random cuts, stalls and returns for long: nothing lost, doubled or out of order", () => {
  const until = performance.now() + budgetMs();
  let runs = 0;
  for (; performance.now() < until; runs++) {
    try {
      playRandomCuts(SEED + runs);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED + runs}: ${cause}`, { cause });
    }
  }
  console.log(`CONFAB_SEED=${SEED}: ${runs} runs`);
  assert(runs > 0);
});
