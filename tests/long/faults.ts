/** The fault suites in full; `tests/faults/` has them in small. */
import { playCuts } from "../faults/cuts.ts";
import { playRestarts } from "../faults/restarts.ts";
import { playStandstill } from "../faults/slow.ts";
import { seedOfRun } from "../support/dice.ts";
import { testWith } from "../support/permitted.ts";

const SEED = seedOfRun();

/** A test that tells its seed, also where it fails. */
function seeded(play: (seed: number) => Promise<string>): () => Promise<void> {
  return async () => {
    try {
      console.log(`CONFAB_SEED=${SEED}: ${await play(SEED)}`);
    } catch (cause) {
      throw new Error(`CONFAB_SEED=${SEED}: ${cause}`, { cause });
    }
  };
}

testWith(
  ["net"],
  "100 clients, 10,000 broadcasts, 1,000 cuts: none lost, doubled, out of order",
  seeded((seed) =>
    playCuts({ seed, capable: 66, product: 33, broadcasts: 10_000, cuts: 1_000, maxBehind: 500 })
  ),
);

testWith(
  ["net", "run", "read", "write"],
  "100 clients, 10,000 broadcasts, 20 registries killed: none doubled or out of order",
  seeded((seed) =>
    playRestarts({
      ...{ seed, capable: 66, product: 34 },
      ...{ broadcasts: 10_000, cuts: 300, restarts: 20 },
    })
  ),
);

testWith(
  ["net"],
  "who does not read is cut within 12 s, told, and told of what it has missed",
  seeded(playStandstill),
);
