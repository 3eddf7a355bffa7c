/** How `send` and `tail` are called. */
import { ProtocolError } from "../../lib/protocol/error.ts";
import { UsageError } from "../../lib/ui/flags.ts";
import { parseSendFlags, SEND_HELP } from "../../lib/ui/send_flags.ts";
import { parseTailFlags, TAIL_HELP } from "../../lib/ui/tail_flags.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";

const ANN = ["--username", "ann"];

const SENDS: readonly [args: readonly string[], config: Record<string, unknown>][] = [
  [["--to", "bob", "hi there"], { to: "bob", text: "hi there", lines: false, wait: 60 }],
  [["hi", "--to=room"], { to: "room", text: "hi" }],
  [["--to", "bob~2", "--wait", "5", "x"], { to: "bob~2", text: "x", wait: 5 }],
  [["--to", "bob", "--", "--help"], { text: "--help" }],
  [["--to", "bob", "--", "-"], { text: "-" }],
  [["--to", "room"], { text: undefined, lines: false }],
  [["--to", "room", "--lines", "--ephemeral"], { text: undefined, lines: true }],
];

for (const [args, wanted] of SENDS) {
  Deno.test(`send ${args.join(" ")}`, () => {
    const config: Record<string, unknown> = { ...parseSendFlags([...ANN, ...args]) };
    for (const [field, value] of Object.entries(wanted)) assertEquals(config[field], value, field);
    assertEquals((config.joining as Record<string, unknown>).accept, "none");
  });
}

const WRONG_SENDS: readonly (readonly string[])[] = [
  [...ANN, "hi"],
  [...ANN, "--to"],
  ["--to", "room", "hi"],
  [...ANN, "--to", "room", "two", "texts"],
  [...ANN, "--to", "room", ""],
  [...ANN, "--to", "room", "--lines", "hi"],
  [...ANN, "--to", "room", "--wait", "0", "hi"],
  [...ANN, "--to", "room", "--wait", "soon", "hi"],
  [...ANN, "--to", "room", "--json", "hi"],
  [...ANN, "--to", "room", "--accept", "all", "hi"],
  [...ANN, "--to", "room", "-x"],
];

for (const args of WRONG_SENDS) {
  Deno.test(`send ${args.join(" ")}: wrong usage`, () => {
    assertThrows(() => parseSendFlags(args), UsageError);
  });
}

Deno.test("send to what cannot be a name: refused before a registry is asked", () => {
  for (const to of ["a:b", "server", "all", "~2", "bob~02", "bob~2~3", "x".repeat(33)]) {
    assertThrows(() => parseSendFlags([...ANN, "--to", to, "hi"]), ProtocolError);
  }
});

const TAILS: readonly [args: string, config: Record<string, unknown>, accept: string][] = [
  ["", { json: false, private: false, replay: undefined, count: undefined }, "none"],
  ["--replay 0 --count 1 --json", { json: true, replay: 0, count: 1 }, "none"],
  ["--private", { private: true }, "known"],
  ["--private --accept all", { private: true }, "all"],
];

for (const [args, wanted, accept] of TAILS) {
  Deno.test(`tail ${args || "without flags"}`, () => {
    const given = [...ANN, ...args.split(" ").filter(Boolean)];
    const config: Record<string, unknown> = { ...parseTailFlags(given) };
    for (const [field, value] of Object.entries(wanted)) assertEquals(config[field], value, field);
    assertEquals((config.joining as Record<string, unknown>).accept, accept);
  });
}

for (
  const args of [
    "--count 0",
    "--count x",
    "--replay -1",
    "--accept all",
    "--private --accept ask",
    "text",
    "--wait 1",
  ]
) {
  Deno.test(`tail ${args}: wrong usage`, () => {
    assertThrows(() => parseTailFlags([...ANN, ...args.split(" ")]), UsageError);
  });
}

Deno.test("tail without a name: wrong usage", () => {
  assertThrows(() => parseTailFlags([]), UsageError);
});

Deno.test("send --help and tail --help name every flag, in lines of 100 columns at most", () => {
  for (
    const [help, flags] of [[SEND_HELP, ["to", "lines", "wait"]], [TAIL_HELP, [
      ...["replay", "count", "private", "accept", "json"],
    ]]] as const
  ) {
    for (const line of help.split("\n")) assert(line.length <= 100, line);
    for (const flag of [...flags, "server", "username", "profile", "help"]) {
      assert(help.includes(`  --${flag}`), flag);
    }
  }
  assertEquals(parseSendFlags(["--help"]), { mode: "help" });
  assertEquals(parseTailFlags(["--help"]), { mode: "help" });
});
