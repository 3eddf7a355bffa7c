/** The painter, before the screen of a terminal that is played. */
import xterm from "@xterm/headless";
import { Screen, type Typed } from "../../../lib/ui/terminal/screen.ts";
import { displayWidth, graphemes } from "../../../lib/ui/terminal/width.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { Dice } from "../../support/dice.ts";

class Played {
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  readonly screen = new Screen();

  constructor(columns: number, rows = 12) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.terminal.cols, rows: this.terminal.rows };
  }

  draw(printed: readonly string[], typed: Typed | undefined): Promise<void> {
    return this.write(this.screen.draw(printed, typed, this.size));
  }

  write(text: string): Promise<void> {
    return new Promise((done) => this.terminal.write(text, done));
  }

  get rows(): string[] {
    const { active } = this.terminal.buffer;
    const rows = Array.from(
      { length: active.length },
      (_, y) => active.getLine(y)?.translateToString(true) ?? "",
    );
    while (rows.at(-1) === "") rows.pop();
    return rows;
  }

  get cursor(): string {
    const { baseY, cursorX, cursorY } = this.terminal.buffer.active;
    return `${baseY + cursorY}:${cursorX}`;
  }
}

const HAN = "\u6f22\u5b57";

const PAINTED: readonly [columns: number, typed: Typed, rows: string[], cursor: string][] = [
  [10, { prompt: "> ", text: "abc", cursor: 3 }, ["> abc"], "0:5"],
  [10, { prompt: "> ", text: "abc", cursor: 1 }, ["> abc"], "0:3"],
  [10, { prompt: "> ", text: "12345678", cursor: 8 }, ["> 12345678"], "1:0"],
  [10, { prompt: "> ", text: "123456789", cursor: 9 }, ["> 12345678", "9"], "1:1"],
  [10, { prompt: "> ", text: "123456789", cursor: 8 }, ["> 12345678", "9"], "1:0"],
  [10, { prompt: "> ", text: "123456789", cursor: 2 }, ["> 12345678", "9"], "0:4"],
  [9, { prompt: "> ", text: HAN + HAN, cursor: 4 }, [`> ${HAN}${HAN[0]}`, HAN[1] ?? ""], "1:2"],
  [9, { prompt: "> ", text: HAN + HAN, cursor: 2 }, [`> ${HAN}${HAN[0]}`, HAN[1] ?? ""], "0:6"],
  [10, { prompt: "> ", text: "a\u001b[2J", cursor: 1 }, ["> a\\u001b[", "2J"], "0:3"],
  [10, { prompt: "> ", text: "e\u0301x", cursor: 2 }, ["> e\u0301x"], "0:3"],
];

for (const [columns, typed, rows, cursor] of PAINTED) {
  Deno.test(`painted at ${columns} columns: ${JSON.stringify(typed)}`, async () => {
    const played = new Played(columns);
    await played.draw([], typed);
    assertEquals([played.rows, played.cursor], [rows, cursor]);
    await played.draw(["above"], typed);
    const [row = "", column = ""] = cursor.split(":");
    assertEquals([played.rows, played.cursor], [
      ["above", ...rows],
      `${Number(row) + 1}:${column}`,
    ]);
    await played.draw(["gone"], undefined);
    assertEquals(played.rows, ["above", "gone"]);
    played.terminal.dispose();
  });
}

Deno.test("a line longer than the screen shows the part around the cursor", async () => {
  const played = new Played(10, 4);
  const text = Array.from({ length: 80 }, (_, i) => String.fromCharCode(33 + i)).join("");
  await played.draw(["above"], { prompt: "> ", text, cursor: 80 });
  assertEquals(played.rows, ["above", text.slice(58, 68), text.slice(68, 78), text.slice(78)]);
  await played.draw(["more"], { prompt: "> ", text, cursor: 0 });
  assertEquals(played.rows.slice(0, 3), ["above", "more", "> " + text.slice(0, 8)]);
  assertEquals(played.rows.length, 5);
  played.terminal.dispose();
});

/** Prints, types and resizes at random. @param anywhere whether to resize with the cursor anywhere */
async function playAtRandom(seed: number, anywhere: boolean): Promise<void> {
  const dice = new Dice(seed);
  const played = new Played(40 + dice.below(40), 10);
  let text = "";
  const printed: string[] = [];
  for (let step = 0; step < 60; step++) {
    const what = dice.below(4);
    if (what === 0) {
      if (!anywhere) await played.draw([], { prompt: "room> ", text, cursor: text.length });
      played.terminal.resize(15 + dice.below(80), 10);
    }
    if (what === 1) printed.push(`<${printed.length}> ${"m".repeat(dice.below(30))}`);
    if (what >= 2) {
      text = dice.below(6) === 0 ? text.slice(dice.below(60)) : `${text}w${step}${HAN} `;
    }
    const cursor = dice.below(2) === 0 ? text.length : dice.below(text.length + 1);
    await played.draw(what === 1 ? printed.slice(-1) : [], { prompt: "room> ", text, cursor });
    const shown = played.rows.join("").replaceAll(" ", "");
    const above = printed.join("").replaceAll(" ", "");
    const below = `room>${text}`.replaceAll(" ", "");
    const label = `seed ${seed}, step ${step}, ${played.terminal.cols} columns`;
    if (!anywhere) assertEquals(shown, above + below, label);
    assert(shown.endsWith(below), label);
    const kept = shown.match(/<\d+>m*/g) ?? [];
    assertEquals(kept, printed.map((line) => line.replaceAll(" ", "")), label);
  }
  played.terminal.dispose();
}

Deno.test("random lines, keys and widths: lines above once, the typed line intact", async () => {
  for (let seed = 1; seed <= 10; seed++) await playAtRandom(seed, false);
});

// xterm.js keeps the cursor at its row of the screen, not of the text, where rows below it are divided: then
// a piece of the typed line may be left behind, which is better than too much taken away.
Deno.test("resized with the cursor anywhere: no line above is ever lost", async () => {
  for (let seed = 11; seed <= 20; seed++) await playAtRandom(seed, true);
});

const WIDTHS: readonly [text: string, width: number][] = [
  ["", 0],
  ["abc", 3],
  [HAN, 4],
  ["e\u0301", 1],
  ["\uff21", 2],
  ["\uff76\uff9e", 2],
  ["\u1112\u1161\u11ab", 2],
  ["\u{1f600}", 2],
  ["\u2764\ufe0f", 2],
  ["\u2764", 1],
  ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}", 2],
  ["\u{1f1e9}\u{1f1ea}", 2],
  ["\u{1f44d}\u{1f3fd}", 2],
  ["\u0915\u094d\u0937", 2],
  ["\u05e9\u05b8\u05c1", 1],
];

for (const [text, width] of WIDTHS) {
  Deno.test(`columns of ${JSON.stringify(text)}: ${width}`, () => {
    assertEquals(displayWidth(text), width);
    assertEquals(graphemes(text).join(""), text);
    assert(displayWidth(text + text) === 2 * width);
  });
}
