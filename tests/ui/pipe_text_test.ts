/** What `pipe` says of itself: how far it is, and how it ended. */
import type { PipeEnd } from "../../lib/peer/pipe_task.ts";
import { endText } from "../../lib/ui/pipe_ends.ts";
import { parsePipeFlags } from "../../lib/ui/pipe_flags.ts";
import { progressText } from "../../lib/ui/pipe_progress.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const PROGRESS: readonly [total: number, ms: number, text: string][] = [
  [0, 0, "0 bytes, 0.0 MB/s, 0:00"],
  [1_234_567, 500, "1,234,567 bytes, 2.5 MB/s, 0:00"],
  [3_000_000_000, 61_000, "3,000,000,000 bytes, 49.2 MB/s, 1:01"],
  [1, 3_600_000, "1 bytes, 0.0 MB/s, 60:00"],
];

for (const [total, ms, text] of PROGRESS) {
  Deno.test(`pipe: ${total} bytes in ${ms} ms: ${text}`, () => {
    assertEquals(progressText(total, ms), text);
  });
}

const CUT = { total: 12_345_678, confirmed: 9_000, wasOpen: true } as const;
const NEVER = { total: 0, confirmed: 0, wasOpen: false } as const;
const ENDS: readonly [mode: "send" | "receive", end: PipeEnd, text: string][] = [
  [
    "send",
    { ...CUT, reason: "lost" },
    "cut after 12,345,678 bytes, of which 9,000 are known to be there: lost",
  ],
  ["receive", { ...CUT, reason: "lost" }, "cut after 12,345,678 bytes: lost"],
  ["receive", { ...CUT, reason: "quit" }, "cut after 12,345,678 bytes: quit"],
  ["receive", { ...NEVER, reason: "timeout" }, "bob sent nothing within 60 s"],
  [
    "send",
    { ...NEVER, reason: "timeout" },
    "bob did not take it within 60 s; there, run: confab-client pipe --from ann",
  ],
  ["send", { ...NEVER, reason: "rejected" }, "bob does not want it (rejected)"],
];

for (const [mode, end, text] of ENDS) {
  Deno.test(`pipe: ${mode}: ${text}`, () => {
    assertEquals(endText(end, { mode, peer: "bob", username: "ann", waitMs: 60_000 }), text);
  });
}

Deno.test("pipe: its flags: whom, how long, how loud", () => {
  const sending = parsePipeFlags(["bob", "--username", "ann", "--wait", "0", "--quiet"]);
  const { mode, peer, waitMs, quiet, force } = sending as Exclude<typeof sending, { mode: "help" }>;
  assertEquals([mode, peer, waitMs, quiet, force], ["send", "bob", Infinity, true, false]);
  const taking = parsePipeFlags(["--from", "ann", "--username", "bob"]);
  assertEquals(taking.mode, "receive");
  for (const wrong of [[], ["bob", "--from", "ann"], ["bob", "--wait", "-1"], ["bob", "--json"]]) {
    assertThrows(() => parsePipeFlags(wrong), Error);
  }
});
