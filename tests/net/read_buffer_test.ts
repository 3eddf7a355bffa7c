import { ReadBuffer } from "../../lib/net/read_buffer.ts";
import { assertEquals } from "../support/assert.ts";

/** The lengths after each of `counts` was read; `"all"` is a read that fills it. */
function lengthsAfter(counts: readonly (number | "all")[]): number[] {
  const buffer = new ReadBuffer();
  return counts.map((count) => {
    buffer.fit(count === "all" ? buffer.bytes.length : count);
    return buffer.bytes.length;
  });
}

Deno.test("read buffer: grows when a read fills it, to a bound", () => {
  const lengths = lengthsAfter([255, "all", 1_023, "all", "all", "all", "all", 65_535]);
  assertEquals(lengths, [256, 1_024, 1_024, 4_096, 16_384, 65_536, 65_536, 65_536]);
});

Deno.test("read buffer: shrinks after 16 small reads in a row, no sooner", () => {
  const small = Array<number>(15).fill(100);
  assertEquals(lengthsAfter(["all", ...small]).at(-1), 1_024);
  assertEquals(lengthsAfter(["all", ...small, 256, ...small]).at(-1), 1_024);
  assertEquals(lengthsAfter(["all", ...small, 256, ...small, 100]).at(-1), 256);
});
