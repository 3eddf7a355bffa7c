import { assert } from "../support/assert.ts";
import { seedOfRun } from "../support/dice.ts";
import { fuzz, KINDS } from "./fuzz.ts";

const CASES = 4_000;
const SEED = seedOfRun();

for (const kind of KINDS) {
  Deno.test(`fuzz: ${kind}: ${CASES} inputs, each a value or a ProtocolError`, () => {
    const { good, bad } = fuzz(kind, SEED, (count) => count === CASES);
    const score = `CONFAB_SEED=${SEED}: ${good} messages, ${bad} refused`;
    assert(good > CASES / 20 && bad > CASES / 20, `too few of one kind to be a test: ${score}`);
  });
}
