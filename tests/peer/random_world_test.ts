import { seedOfRun } from "../support/dice.ts";
import { playRandomWorld } from "./random_world.ts";

const RUNS = 60;
const SEED = seedOfRun();

Deno.test(`${RUNS} random worlds become quiet as they should`, () => {
  for (let run = 0; run < RUNS; run++) {
    try {
      playRandomWorld(SEED + run);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED + run}: ${cause}`, { cause });
    }
  }
});
