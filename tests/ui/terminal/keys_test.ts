/** What a terminal sends -> keys, whole and in pieces. */
import { type Key, KeyDecoder, MAX_PASTE_LENGTH } from "../../../lib/ui/terminal/keys.ts";
import { assertEquals } from "../../support/assert.ts";

const SENT: readonly [bytes: string, keys: string][] = [
  ["abc", "'abc'"],
  ["\u6f22\u{1f600}", "'\u6f22\u{1f600}'"],
  ["a\rb", "'a' enter 'b'"],
  ["a\r\nb\n", "'a' enter 'b' enter"],
  ["\x01\x1a\t\x7f\b", "ctrl-a ctrl-z tab backspace backspace"],
  ["\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "up down right left home end"],
  ["\x1bOA\x1bOH", "up home"],
  ["\x1b[1;5C\x1b[1;3D\x1b[3;5~", "ctrl-right alt-left ctrl-delete"],
  ["\x1b[1~\x1b[3~\x1b[4~", "home delete end"],
  ["\x1bb\x1bF\x1b\x7f\x1b\r", "alt-b alt-f alt-backspace alt-enter"],
  ["\x1b[15~\x1b[I\x1b[38;2;1mx", "'x'"],
  ["\x9b\x80x", "'x'"],
  ["\x1b\x1bx", "escape alt-x"],
  ["\x1b[200~two\rlines\x1b[A\x1b[201~x", "<two\rlines\x1b[A> 'x'"],
  ["\x1b[200~\x1b[201~", "<>"],
];

function named(key: Key): string {
  if (key.kind === "key") return key.name;
  return key.kind === "text" ? `'${key.text}'` : `<${key.text}>`;
}

/** Joins what belongs together: a text may come in pieces. */
function told(keys: readonly Key[]): string {
  return keys.map(named).join(" ").replaceAll("' '", "");
}

for (const [bytes, keys] of SENT) {
  Deno.test(`keys of ${JSON.stringify(bytes)}`, () => {
    assertEquals(told(new KeyDecoder().push(bytes)), keys);
    const decoder = new KeyDecoder();
    assertEquals(told([...bytes].flatMap((each) => decoder.push(each))), keys, "piece by piece");
  });
}

Deno.test("Escape is a key of its own once nothing follows", () => {
  const decoder = new KeyDecoder();
  assertEquals(decoder.push("a\x1b"), [{ kind: "text", text: "a" }]);
  assertEquals(decoder.undecided, true);
  assertEquals(decoder.flush(), [{ kind: "key", name: "escape" }]);
  assertEquals(decoder.undecided, false);
  assertEquals(decoder.push("[A"), [{ kind: "text", text: "[A" }]);
  decoder.push("\x1b[1;");
  assertEquals(decoder.flush(), [], "half a sequence is no key");
});

Deno.test("a paste without end takes bounded memory, and ends", () => {
  const decoder = new KeyDecoder();
  decoder.push("\x1b[200~");
  for (let i = 0; i < 40; i++) assertEquals(decoder.push("x".repeat(10_000)), []);
  const [paste] = decoder.push("\x1b[201~");
  assertEquals(paste, { kind: "paste", text: "x".repeat(MAX_PASTE_LENGTH) });
});
