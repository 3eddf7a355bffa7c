/** How the client is called, beyond where to join: what it asks of the registry's memory. */
import { CLIENT_HELP, parseClientFlags } from "../../lib/ui/client_flags.ts";
import { UsageError } from "../../lib/ui/flags.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const REPLAYS: readonly [args: string, replay: number | undefined][] = [
  ["", 50],
  ["--json", undefined],
  ["--replay 0", 0],
  ["--replay 7", 7],
  ["--json --replay 7", 7],
  ["--json --replay=0", 0],
];

for (const [args, replay] of REPLAYS) {
  Deno.test(`client ${args || "without flags"} asks for ${replay ?? "nothing"}`, () => {
    const config = parseClientFlags(args.split(" ").filter(Boolean));
    assertEquals(config.mode === "run" ? config.replay : "no run", replay);
  });
}

for (const args of ["--replay", "--replay -1", "--replay all", "--replay 1.5"]) {
  Deno.test(`client ${args}: wrong usage`, () => {
    assertThrows(() => parseClientFlags(args.split(" ")), UsageError);
  });
}

Deno.test("client --help names --replay, in lines of 100 columns at most", () => {
  for (const line of CLIENT_HELP.split("\n")) assert(line.length <= 100, line);
  assert(CLIENT_HELP.includes("  --replay N"));
});
