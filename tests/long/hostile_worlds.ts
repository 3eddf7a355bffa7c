import { playHostileWorld } from "../peer/hostile_world.ts";
import { assert } from "../support/assert.ts";
import { budgetMs } from "../support/budget.ts";
import { seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();

Deno.test("hostile worlds for long: nothing false is ever heard, nobody dialled unasked", () => {
  const until = performance.now() + budgetMs();
  let [runs, delivered] = [0, 0];
  for (; performance.now() < until; runs++) {
    try {
      delivered += playHostileWorld(SEED + runs).delivered;
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED + runs}: ${cause}`, { cause });
    }
  }
  console.log(`CONFAB_SEED=${SEED}: ${runs} worlds, ${delivered} texts`);
  assert(runs > 0 && delivered > 0);
});
