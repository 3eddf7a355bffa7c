/** Which pastes wait for Enter, and how they are shown. */
import { isToBeHeld, pasteNote } from "../../../lib/ui/terminal/pasted.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("a paste of several lines waits, and one that is longer than any message", () => {
  assertEquals(isToBeHeld("one line"), false);
  assertEquals(isToBeHeld("two\nlines"), true);
  assertEquals(isToBeHeld("x".repeat(4_096)), false);
  assertEquals(isToBeHeld("\u6f22".repeat(65_536)), true);
});

Deno.test("what waits is told by its size", () => {
  const enter = "Enter sends, Esc drops]";
  assertEquals(pasteNote("a\nb\n"), `[pasted 2 lines, 3 characters: ${enter}`);
  assertEquals(pasteNote("x".repeat(5_000)), `[pasted 1 line, 5000 characters: ${enter}`);
});
