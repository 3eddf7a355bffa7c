/**
 * Suites that try everything there is (each bit, each letter) try some of it in `deno task test`, others each time,
 * and all of it in `deno task test:long`, which gives them `--thorough`.
 *
 * @module
 */
import { Dice, seedOfRun } from "./dice.ts";

/** Whether to try everything. */
export const THOROUGH = Deno.args.includes("--thorough");

const SEED = seedOfRun();

/** 0 to `count - 1`: each number, or one of each `step` of them. What fails has to name its number. */
export function* someOf(count: number, step: number): Generator<number> {
  if (THOROUGH || step <= 1) {
    for (let i = 0; i < count; i++) yield i;
    return;
  }
  const dice = new Dice(SEED);
  for (let i = 0; i < count; i += step) yield Math.min(count - 1, i + dice.below(step));
}
