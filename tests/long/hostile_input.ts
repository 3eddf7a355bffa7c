import { feedHostileInput, KINDS } from "../registry/hostile_input.ts";
import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";

const INPUTS = 100_000;
const SEED = seedOfRun();

for (const kind of KINDS) {
  Deno.test(`hostile ${kind} for long: ${INPUTS}, and those who behave are served`, () => {
    const bytes = feedHostileInput(kind, SEED, INPUTS);
    console.log(`CONFAB_SEED=${SEED}: ${bytes} bytes`);
    assert(bytes > INPUTS);
  });
}
