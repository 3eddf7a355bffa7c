/** Key sequence -> line. */
import { completionOf } from "../../../lib/ui/completion.ts";
import { KeyDecoder } from "../../../lib/ui/terminal/keys.ts";
import { type EditorState, EMPTY_LINE, press } from "../../../lib/ui/terminal/line_editor.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { Dice } from "../../support/dice.ts";

const HISTORY = ["oldest line", "say hello", "newest line"];
/** Who was heard last is the first. */
const NAMES = ["bob", "\u6f22\u5b57", "Bea", "eve"];
const CONTEXT = {
  history: HISTORY,
  complete: (text: string, cursor: number) => completionOf(text, cursor, NAMES),
};

function type(
  input: string,
  from: EditorState = EMPTY_LINE,
): { state: EditorState; done: string[] } {
  let state = from;
  const done: string[] = [];
  const decoder = new KeyDecoder();
  for (const key of [...decoder.push(input), ...decoder.flush()]) {
    const pressed = press(state, key, CONTEXT);
    state = pressed.state;
    if (pressed.action) done.push(pressed.action);
  }
  return { state, done };
}

/** What is typed, and the line that it makes; `|` is the cursor. */
const TABLE: readonly [keys: string, line: string][] = [
  ["abc", "abc|"],
  ["abc\x1b[D", "ab|c"],
  ["abc\x02\x02\x06", "ab|c"],
  ["abc\x1b[D\x1b[D\x1b[D\x1b[D", "|abc"],
  ["abc\x1b[C", "abc|"],
  ["abc\x01x", "x|abc"],
  ["abc\x1b[Hx\x1b[Fy", "xabcy|"],
  ["abc\x1bOHx\x1bOFy", "xabcy|"],
  ["abc\x1b[1~x\x1b[4~y", "xabcy|"],
  ["abc\x01\x05d", "abcd|"],
  ["one two three\x1bb", "one two |three"],
  ["one two three\x1bb\x1bb\x1bf", "one two| three"],
  ["one two three\x1b[1;5D\x1b[1;5D\x1b[1;5C", "one two| three"],
  ["one two three\x1b[1;3D", "one two |three"],
  ["one, two\x1bb\x1bb", "|one, two"],
  ["a\u6f22\u{20000} \u{1f642}! \x1bb", "|a\u6f22\u{20000} \u{1f642}! "],
  ["one   two  \x17", "one   |"],
  // In a time that grows with the length alone.
  [`${"! ".repeat(200_000)}\x1bb`, `|${"! ".repeat(200_000)}`],
  [`${"x".repeat(200_000)} y\x17`, `${"x".repeat(200_000)} |`],
  ["abc\x7f", "ab|"],
  ["abc\b", "ab|"],
  ["abc\x01\x1b[3~", "|bc"],
  ["abc\x01\x04", "|bc"],
  ["abc\x01\x7f", "|abc"],
  ["abc\x1b[3~", "abc|"],
  ["\u6f22\u5b57\x7f", "\u6f22|"],
  ["e\u0301x\x7f\x7f", "|"],
  ["a\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\x7f", "a|"],
  ["a\u{1f1e9}\u{1f1ea}b\x1b[D\x1b[D", "a|\u{1f1e9}\u{1f1ea}b"],
  ["one two\x0b", "one two|"],
  ["one two\x1bb\x0b", "one |"],
  ["one two\x15", "|"],
  ["one two\x1bb\x15", "|two"],
  ["one two\x1bb\x15\x05 \x19", "two one |"],
  ["one two-three \x17", "one |"],
  ["one two-three\x1b\x7f", "one two-|"],
  ["one two\x01\x1bd", "| two"],
  ["one two\x17\x19\x19", "one twotwo|"],
  ["ab\x14", "ba|"],
  ["abc\x1b[D\x14", "acb|"],
  ["a\x14", "a|"],
  ["abc\x01\x14", "|abc"],
  ["\x1b[A", "newest line|"],
  ["\x10\x10", "say hello|"],
  ["\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A", "oldest line|"],
  ["draft\x1b[A\x1b[B", "draft|"],
  ["draft\x1b[A\x1b[A\x0e\x0e\x0e", "draft|"],
  ["\x1b[A!", "newest line!|"],
  ["\x12hel", "say hello|"],
  ["\x12line", "newest line|"],
  ["\x12line\x12", "oldest line|"],
  ["\x12line\x12\x12", "oldest line|"],
  ["was\x12line\x1b", "was|"],
  ["was\x12line\x03", "was|"],
  ["\x12hel\x01x", "x|say hello"],
  ["\x12nex\x7fw", "newest line|"],
  ["/br\t", "/broadcast |"],
  ["/ch\tb\t", "/chat bob |"],
  ["/chat \t", "/chat bob |"],
  ["/chat \t\t", "/chat \u6f22\u5b57 |"],
  ["/chat b\t\t", "/chat Bea |"],
  ["/chat b\t\t\t", "/chat bob |"],
  ["/to ro\t", "/to room |"],
  ["/msg e\t", "/msg eve |"],
  ["/help ign\t", "/help ignore|"],
  ["b\t", "bob: |"],
  ["b\t\t", "Bea: |"],
  ["b\thi", "bob: hi|"],
  ["hi b\t", "hi b|"],
  ["hi @b\t", "hi @bob |"],
  ["hi @\u6f22\t!", "hi @\u6f22\u5b57 !|"],
  ["xyz\t", "xyz|"],
  ["\t", "|"],
  [" tail\x01b\t\t", "Bea: | tail"],
  ["b\t\x7f\t", "bob:|"],
  ["abc\x03", "|"],
  ["abc\x1b[99~\x1b[5~\x1bz", "abc|"],
  ["\x1b[200~pa\x01ste\x1b[201~d", "pa\x01sted|"],
];

for (const [keys, line] of TABLE) {
  Deno.test(`typed ${JSON.stringify(keys)}: ${line}`, () => {
    const { state } = type(keys);
    assertEquals(`${state.text.slice(0, state.cursor)}|${state.text.slice(state.cursor)}`, line);
  });
}

const ACTIONS: readonly [keys: string, actions: string[]][] = [
  ["abc\r", ["submit"]],
  ["abc\n", ["submit"]],
  ["abc\r\n", ["submit"]],
  ["\r\r", ["submit", "submit"]],
  ["\x04", ["end"]],
  ["a\x04", []],
  ["\x03", ["interrupt"]],
  ["a\x03", []],
  ["a\x03\x03", ["interrupt"]],
  ["abc\x0c", ["clear-screen"]],
  ["\x12hello\r", ["submit"]],
];

for (const [keys, actions] of ACTIONS) {
  Deno.test(`typed ${JSON.stringify(keys)} asks for: ${actions.join(", ") || "nothing"}`, () => {
    assertEquals(type(keys).done, actions);
  });
}

Deno.test("whatever is typed, the cursor is never inside of a code point", () => {
  const dice = new Dice(4711);
  const keys = [
    ..."ab \u6f22\u0301\u200d\u{1f468}\u{1f1e9}/@\t\x01\x02\x03\x04\x05\x06\x0b\x0e\x10\x12\x14\x15\x17\x19\x7f",
    ...["\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1bb", "\x1bf", "\x1bd", "\x1b[3~", "\x1b"],
  ];
  let state: EditorState = EMPTY_LINE;
  for (let i = 0; i < 5_000; i++) {
    const typed = keys[dice.below(keys.length)] ?? "";
    ({ state } = type(typed, state));
    const { text, cursor } = state;
    assert(cursor >= 0 && cursor <= text.length, `${i}: ${JSON.stringify(state)}`);
    assert(!/^[\udc00-\udfff]/.test(text.slice(cursor)), `${i}: ${JSON.stringify(state)}`);
  }
});
