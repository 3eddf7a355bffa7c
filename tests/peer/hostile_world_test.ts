import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { playHostileWorld } from "./hostile_world.ts";
import { THOROUGH } from "../support/thorough.ts";

const RUNS = THOROUGH ? 100 : 30;
const SEED = seedOfRun();

Deno.test(`${RUNS} random worlds with an attacker on every wire: nothing false is ever heard`, () => {
  const sum = { delivered: 0, attacks: 0, dropped: 0, broken: 0 };
  for (let run = 0; run < RUNS; run++) {
    try {
      const played = playHostileWorld(SEED + run);
      sum.delivered += played.delivered;
      sum.attacks += played.attacks;
      sum.dropped += played.dropped;
      sum.broken += played.broken;
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED + run}: ${cause}`, { cause });
    }
  }
  // Else it would show nothing: texts do arrive, attacks do happen, and are met.
  const label = `CONFAB_SEED=${SEED}: ${JSON.stringify(sum)}`;
  assert(sum.delivered > RUNS && sum.attacks > RUNS, label);
  assert(sum.dropped > RUNS && sum.broken > RUNS / 10, label);
});
