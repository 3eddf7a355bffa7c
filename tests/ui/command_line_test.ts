import { CommandError, parseLine } from "../../lib/ui/command_line.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const GOOD: readonly [line: string, command: Record<string, unknown> | undefined][] = [
  ["", undefined],
  ["   ", undefined],
  ["hello", { command: "broadcast", text: "hello" }],
  ["  indented", { command: "broadcast", text: "  indented" }],
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
  ["/help", { command: "help" }],
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
    assertEquals(parseLine(line, { json: false }), { command: "broadcast", text: line });
  });
}

for (const line of BAD_JSON) {
  Deno.test(`no JSON command: ${line}`, () => {
    assertThrows(() => parseLine(line, { json: true }), CommandError);
  });
}
