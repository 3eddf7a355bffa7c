import { Backlog } from "../../lib/net/backlog.ts";
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice, seedOfRun } from "../support/dice.ts";

const JOINED_BYTES = 65_536;
const LARGE_BYTES = 4_096;

/** What is taken of `pieces`, until nothing waits. */
function takeAll(pieces: readonly Uint8Array[]): Uint8Array[] {
  const backlog = new Backlog();
  for (const piece of pieces) backlog.push(piece);
  const taken: Uint8Array[] = [];
  while (!backlog.isEmpty) taken.push(backlog.take());
  return taken;
}

const lengths = (all: readonly Uint8Array[]): number[] => all.map(({ length }) => length);

Deno.test("backlog: small pieces are joined up to the bound, large ones stay what they are", () => {
  const small = (length: number): Uint8Array => new Uint8Array(length);
  const cases: [number[], number[]][] = [
    [[1], [1]],
    [[1, 2, 3], [6]],
    [[LARGE_BYTES], [LARGE_BYTES]],
    [[LARGE_BYTES - 1, LARGE_BYTES - 1], [2 * LARGE_BYTES - 2]],
    [[5, LARGE_BYTES, 5, 6], [5, LARGE_BYTES, 11]],
    [[LARGE_BYTES, 300_000, 7], [LARGE_BYTES, 300_000, 7]],
    [Array(33).fill(2_048), [JOINED_BYTES, 2_048]],
    [Array(17).fill(4_000), [64_000, 4_000]],
  ];
  for (const [given, expected] of cases) {
    assertEquals(lengths(takeAll(given.map(small))), expected);
  }
});

Deno.test("backlog: a piece that is not joined is the very same array", () => {
  const pieces = [new Uint8Array(1), new Uint8Array(20_000), new Uint8Array(2)];
  takeAll(pieces).forEach((taken, index) => assert(taken === pieces[index]));
});

Deno.test("backlog: whatever is pushed and taken in between, all comes out in order", () => {
  const seed = seedOfRun();
  const dice = new Dice(seed);
  const backlog = new Backlog();
  const pushed: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  for (let step = 0; step < 3_000; step++) {
    if (dice.below(3) > 0) {
      const length = 1 + dice.below(dice.pick([8, 2_000, 40_000]));
      const piece = new Uint8Array(length).fill(dice.below(256));
      pushed.push(piece);
      backlog.push(piece);
    } else taken.push(backlog.take());
  }
  while (!backlog.isEmpty) taken.push(backlog.take());
  const label = `CONFAB_SEED=${seed}`;
  assertEquals(concatBytes(taken).toHex() === concatBytes(pushed).toHex(), true, label);
  for (const bytes of taken) {
    assert(bytes.length <= JOINED_BYTES || pushed.includes(bytes), label);
  }
});

Deno.test("backlog: nothing waits after clear; taking nothing gives nothing", () => {
  const backlog = new Backlog();
  assertEquals([backlog.isEmpty, backlog.take().length], [true, 0]);
  backlog.push(new Uint8Array(5));
  backlog.clear();
  assertEquals([backlog.isEmpty, backlog.take().length], [true, 0]);
});
