import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { deliveryTarget } from "./hostile_deliveries.ts";
import { feedTarget } from "./hostile_input.ts";

const SEED = seedOfRun();
const INPUTS = 4_000;

Deno.test(`${INPUTS} hostile inputs to sessions with numbers: those who behave are served, nothing is left`, () => {
  assert(feedTarget("deliveries", deliveryTarget(), SEED, INPUTS) > INPUTS);
});
