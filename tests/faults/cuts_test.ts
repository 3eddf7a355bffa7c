import { seedOfRun } from "../support/dice.ts";
import { testWith } from "../support/permitted.ts";
import { playCuts } from "./cuts.ts";

const SEED = seedOfRun();

testWith(
  ["net"],
  "20 clients, 1,000 broadcasts, 100 cuts: none lost, doubled, out of order",
  async () => {
    try {
      const plan = {
        seed: SEED,
        capable: 14,
        product: 6,
        broadcasts: 1_000,
        cuts: 100,
        maxBehind: 250,
      };
      console.log(`CONFAB_SEED=${SEED}: ${await playCuts(plan)}`);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED}: ${cause}`, { cause });
    }
  },
);
