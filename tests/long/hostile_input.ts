import { feedHostileInput, KINDS } from "../registry/hostile_input.ts";
import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";

/** Fewer where each is a handshake of keys. */
const INPUTS = {
  "frames": 200_000,
  "lines": 200_000,
  "datagrams": 200_000,
  "private links": 20_000,
};
const SEED = seedOfRun();

for (const kind of KINDS) {
  const inputs = INPUTS[kind];
  Deno.test(`hostile ${kind} for long: ${inputs}, and those who behave are served`, () => {
    const bytes = feedHostileInput(kind, SEED, inputs);
    console.log(`CONFAB_SEED=${SEED}: ${bytes} bytes`);
    assert(bytes > inputs);
  });
}
