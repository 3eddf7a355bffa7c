import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { type Findings, playRandomCuts } from "./random_cuts.ts";

const SEED = seedOfRun();
const RUNS = 100;

Deno.test(`${RUNS} random runs of cuts, stalls and returns: nothing lost, doubled or out of order`, () => {
  const all: Record<string, number> = {};
  for (let run = 0; run < RUNS; run++) {
    let findings: Findings;
    try {
      findings = playRandomCuts(SEED + run);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED + run}: ${cause}`, { cause });
    }
    for (const [what, count] of Object.entries(findings)) all[what] = (all[what] ?? 0) + count;
  }
  for (const [what, count] of Object.entries(all)) {
    assert(count > 0, `CONFAB_SEED=${SEED}: ${what}: it never came to that`);
  }
});
