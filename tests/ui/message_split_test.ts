/** A text that is too long for one message: nothing of it is lost but the line ends where it is cut. */
import { splitIntoMessages } from "../../lib/ui/message_split.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Dice } from "../support/dice.ts";

const SPLIT: readonly [text: string, most: number, messages: readonly string[]][] = [
  ["", 5, []],
  ["\n\n", 1, ["\n"]],
  ["abc", 5, ["abc"]],
  ["a\nb", 5, ["a\nb"]],
  ["ab\ncd", 5, ["ab\ncd"]],
  ["ab\ncde", 5, ["ab", "cde"]],
  ["ab\n\ncd\nef", 5, ["ab\n", "cd\nef"]],
  ["abcdefg", 5, ["abcde", "fg"]],
  ["x\nabcdefg\ny", 5, ["x", "abcde", "fg\ny"]],
  ["🙂🙂🙂🙂", 3, ["🙂🙂🙂", "🙂"]],
  ["🙂🙂\n🙂", 4, ["🙂🙂\n🙂"]],
];

for (const [text, most, messages] of SPLIT) {
  Deno.test(`${JSON.stringify(text)} in messages of ${most}`, () => {
    assertEquals(splitIntoMessages(text, most), messages);
  });
}

Deno.test("of random texts: no message is too long, or empty; together they are the text", () => {
  const dice = new Dice(20_261);
  for (let i = 0; i < 2_000; i++) {
    const text = Array.from({ length: dice.below(40) }, () => dice.pick(["a", "🙂", "\n", " "]));
    const most = 1 + dice.below(9);
    const messages = splitIntoMessages(text.join(""), most);
    for (const message of messages) {
      assert(message !== "" && Array.from(message).length <= most, message);
    }
    const plain = (parts: readonly string[]) => parts.join("").replaceAll("\n", "");
    assertEquals(plain(messages), plain(text), `${most}: ${JSON.stringify(text.join(""))}`);
  }
});

Deno.test("what fits is one message, however many lines it has", () => {
  const text = `${"x".repeat(99)}\n`.repeat(40) + "🙂".repeat(96);
  assertEquals(splitIntoMessages(text), [text]);
  assertEquals(splitIntoMessages(`${text}x`).length, 2);
});
