import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { feedHostileInput, KINDS } from "./hostile_input.ts";

/** Fewer where each is a handshake of keys. `tests/long/hostile_input.ts` feeds 620,000. */
const INPUTS = { "frames": 10_000, "lines": 10_000, "datagrams": 10_000, "private links": 600 };
const SEED = seedOfRun();

for (const kind of KINDS) {
  const inputs = INPUTS[kind];
  Deno.test(`${inputs} hostile ${kind}: those who behave are served, nothing is left`, () => {
    assert(feedHostileInput(kind, SEED, inputs) > inputs);
  });
}
