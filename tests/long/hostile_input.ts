import { deliveryTarget } from "../registry/hostile_deliveries.ts";
import { feedHostileInput, feedTarget, KINDS } from "../registry/hostile_input.ts";
import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";

/** Fewer where each is a handshake of keys. */
const INPUTS = {
  "frames": 200_000,
  "lines": 200_000,
  "datagrams": 200_000,
  "private links": 20_000,
};
/** Inputs to sessions with numbers. */
const DELIVERIES = 100_000;
const SEED = seedOfRun();

for (const kind of KINDS) {
  const inputs = INPUTS[kind];
  Deno.test(`hostile ${kind} for long: ${inputs}, and those who behave are served`, () => {
    const bytes = feedHostileInput(kind, SEED, inputs);
    console.log(`CONFAB_SEED=${SEED}: ${bytes} bytes`);
    assert(bytes > inputs);
  });
}

Deno.test(`hostile deliveries for long: ${DELIVERIES}, and those who behave are served`, () => {
  const bytes = feedTarget("deliveries", deliveryTarget(), SEED, DELIVERIES);
  console.log(`CONFAB_SEED=${SEED}: ${bytes} bytes`);
  assert(bytes > DELIVERIES);
});
