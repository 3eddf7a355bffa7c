import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { feedHostileInput, KINDS } from "./hostile_input.ts";

/** Over 100,000 in all; fewer where each is a handshake of keys. `tests/long/hostile_input.ts` feeds more. */
const INPUTS = { "frames": 35_000, "lines": 35_000, "datagrams": 35_000, "private links": 2_000 };
const SEED = seedOfRun();

for (const kind of KINDS) {
  const inputs = INPUTS[kind];
  Deno.test(`${inputs} hostile ${kind}: those who behave are served, nothing is left`, () => {
    assert(feedHostileInput(kind, SEED, inputs) > inputs);
  });
}
