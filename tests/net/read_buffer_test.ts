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
  const lengths = lengthsAfter([1_023, "all", 8_191, "all", "all", 65_535]);
  assertEquals(lengths, [1_024, 8_192, 8_192, 65_536, 65_536, 65_536]);
});

Deno.test("read buffer: shrinks after 16 small reads in a row, no sooner", () => {
  const small = Array<number>(15).fill(100);
  assertEquals(lengthsAfter(["all", ...small]).at(-1), 8_192);
  assertEquals(lengthsAfter(["all", ...small, 1_024, ...small]).at(-1), 8_192);
  assertEquals(lengthsAfter(["all", ...small, 1_024, ...small, 100]).at(-1), 1_024);
});
