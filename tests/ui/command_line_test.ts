import { CommandError, parseLine } from "../../lib/ui/command_line.ts";
import { assertEquals, assertMatch, assertThrows } from "../support/assert.ts";

const GOOD: readonly [line: string, command: Record<string, unknown> | undefined][] = [
  ["", undefined],
  ["   ", undefined],
  ["hello", { command: "say", text: "hello" }],
  ["  indented", { command: "say", text: "  indented" }],
  ["/broadcast a  b ", { command: "broadcast", text: "a  b " }],
  ["/broadcast /quit", { command: "broadcast", text: "/quit" }],
  ["/start bob", { command: "start", to: "bob" }],
  ["/start bob ", { command: "start", to: "bob" }],
  ["/chat bob hi", { command: "chat", to: "bob", text: "hi" }],
  ["/chat bob  hi: there", { command: "chat", to: "bob", text: " hi: there" }],
  ["/msg bob hi", { command: "chat", to: "bob", text: "hi" }],
  ["/accept bob", { command: "accept", to: "bob" }],
  ["/reject bob", { command: "reject", to: "bob" }],
  ["/close bob", { command: "close", to: "bob" }],
  ["/why bob", { command: "why", to: "bob" }],
  ["/wire", { command: "wire" }],
  ["/wire on", { command: "wire", on: true }],
  ["/wire off ", { command: "wire", on: false }],
  ["/peers", { command: "peers" }],
  ["/to bob", { command: "to", to: "bob" }],
  ["/to room", { command: "to", to: "room" }],
  ["/me waves  twice", { command: "me", text: "waves  twice" }],
  ["/ignore", { command: "ignore" }],
  ["/ignore bob", { command: "ignore", to: "bob" }],
  ["/unignore bob", { command: "unignore", to: "bob" }],
  ["/help", { command: "help" }],
  ["/help to", { command: "help", topic: "to" }],
  ["/quit", { command: "quit" }],
  ["/quit ", { command: "quit" }],
  [" /chat bob secret", { command: "chat", to: "bob", text: "secret" }],
];

const BAD = [
  "/",
  "/unknown",
  "/broadcast",
  "/broadcast ",
  "/start",
  "/start ",
  "/start a b",
  "/chat",
  "/chat bob",
  "/chat bob ",
  "/msg bob",
  "/accept",
  "/why",
  "/why a b",
  "/wire tap",
  "/to",
  "/to a b",
  "/me",
  "/me ",
  "/ignore a b",
  "/unignore",
  "/peers all",
  "/quit now",
  "/Quit",
];

const GOOD_JSON: readonly [line: string, command: Record<string, unknown>][] = [
  ['{"command":"broadcast","text":"a\\nb"}', { command: "broadcast", text: "a\nb" }],
  [' {"command":"chat","to":"bob","text":"x","more":1}', { command: "chat", to: "bob", text: "x" }],
  ['{"command":"start","to":"bob"}', { command: "start", to: "bob" }],
  ['{"command":"accept","to":"bob"}', { command: "accept", to: "bob" }],
  ['{"command":"reject","to":"bob"}', { command: "reject", to: "bob" }],
  ['{"command":"close","to":"bob"}', { command: "close", to: "bob" }],
  ['{"command":"why","to":"bob"}', { command: "why", to: "bob" }],
  ['{"command":"wire"}', { command: "wire" }],
  ['{"command":"wire","on":false}', { command: "wire", on: false }],
  ['{"command":"peers"}', { command: "peers" }],
  ['{"command":"quit"}', { command: "quit" }],
];

const BAD_JSON = [
  "{",
  "{}",
  '{"command":"help"}',
  '{"command":1}',
  '{"command":"why"}',
  '{"command":"wire","on":"yes"}',
  '{"command":"chat","to":"bob"}',
  '{"command":"chat","text":"x"}',
  '{"command":"chat","to":1,"text":"x"}',
  '{"command":"chat","to":"","text":"x"}',
  '{"command":"broadcast"}',
  '{"command":"broadcast","text":""}',
  '{"command":"start","to":["bob"]}',
];

for (const json of [false, true]) {
  for (const [line, command] of GOOD) {
    Deno.test(`line ${JSON.stringify(line)}${json ? ", with --json" : ""}`, () => {
      assertEquals(parseLine(line, { json }), command as ReturnType<typeof parseLine>);
    });
  }
  for (const line of BAD) {
    Deno.test(`no command: ${JSON.stringify(line)}${json ? ", with --json" : ""}`, () => {
      assertThrows(() => parseLine(line, { json }), CommandError);
    });
  }
}

for (const [line, command] of GOOD_JSON) {
  Deno.test(`JSON ${line}`, () => {
    assertEquals(parseLine(line, { json: true }), command as ReturnType<typeof parseLine>);
    assertEquals(parseLine(line, { json: false }), { command: "say", text: line });
  });
}

for (const line of BAD_JSON) {
  Deno.test(`no JSON command: ${line}`, () => {
    assertThrows(() => parseLine(line, { json: true }), CommandError);
  });
}

const SLIPS: readonly [typed: string, meant: string | undefined][] = [
  ["/brodcast hi", "broadcast"],
  ["/hcat bob secret", "chat"],
  ["/quti", "quit"],
  ["/Quit", "quit"],
  ["/pers", "peers"],
  ["/xyzzy", undefined],
  ["/", undefined],
  [`/${"q".repeat(10_000)}`, undefined],
];

for (const [typed, meant] of SLIPS) {
  Deno.test(`unknown command ${typed.slice(0, 20)}: ${meant ?? "nothing is near"}`, () => {
    const { message } = assertThrows(() => parseLine(typed, { json: false }), CommandError);
    assertMatch(message, /nothing was sent/);
    assertEquals(/did you mean \/(\w+)\?/.exec(message)?.[1], meant);
  });
}
