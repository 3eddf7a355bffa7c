import { assertEquals } from "../support/assert.ts";
import { dialectOf } from "../../lib/protocol/dialect.ts";

Deno.test("dialectOf: 00 is framed, R is classic, no other byte is any", () => {
  const chosen = Array.from({ length: 256 }, (_, byte) => [byte, dialectOf(byte)] as const)
    .filter(([, dialect]) => dialect !== undefined);
  assertEquals(chosen, [[0x00, "framed"], [0x52, "classic"]]);
});
