import { fuzz, KINDS } from "../protocol/fuzz.ts";
import { assert } from "../support/assert.ts";
import { budgetMs } from "../support/budget.ts";
import { seedOfRun } from "../support/dice.ts";

const SEED = seedOfRun();

for (const kind of KINDS) {
  Deno.test(`fuzz for long: ${kind}: each input is a value or a ProtocolError`, () => {
    const until = performance.now() + budgetMs() / KINDS.length;
    const enough = (count: number): boolean => count % 100 === 0 && performance.now() > until;
    const { good, bad } = fuzz(kind, SEED, enough);
    console.log(`CONFAB_SEED=${SEED}: ${good} messages, ${bad} refused`);
    assert(good > 0 && bad > 0);
  });
}
