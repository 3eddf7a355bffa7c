import { seedOfRun } from "../support/dice.ts";
import { testWith } from "../support/permitted.ts";
import { playRestarts } from "./restarts.ts";

const SEED = seedOfRun();

testWith(
  ["net", "run", "read", "write"],
  "a registry killed and started again: none doubled or out of order, all answered",
  async () => {
    try {
      const plan = { capable: 6, product: 4, broadcasts: 300, cuts: 10, restarts: 1 };
      console.log(`CONFAB_SEED=${SEED}: ${await playRestarts({ ...plan, seed: SEED })}`);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED}: ${cause}`, { cause });
    }
  },
);
