/** The picture in the README, and the script that draws it. */
import { screenSvg } from "../../scripts/screen_svg.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { granted, testWith } from "../support/permitted.ts";
import { ROOT } from "../support/program.ts";
import { hasPseudoTerminal } from "../support/terminal.ts";

const pty = { holds: granted("read") && hasPseudoTerminal(), need: "script of util-linux" };

/** What bob reads, whatever the time of day and the ports. */
const LINES = [
  /^-!- you are bob; here: ann$/,
  /^\+ carol joined$/,
  /^\d\d:\d\d <ann> good morning, everybody; caffè\?$/,
  /^\d\d:\d\d \* carol puts the kettle on$/,
  /^room> two sugars for me$/,
  /^\d\d:\d\d <carol> bob: three, as ever$/,
  /^-!- ann asks for a private chat: \/accept ann or \/reject ann$/,
  /^-!- private chat with ann open \(direct, encrypted\)$/,
  /^ann> the cake is in your drawer; not a word to carol$/,
  /^\d\d:\d\d \[ann\] found it! candles at four\?$/,
  /^-!- ann +known key +chat direct, encrypted +127\.0\.0\.1:\d+$/,
  /^-!- carol +new key +- +127\.0\.0\.1:\d+$/,
  /^ann> four it is, an$/,
];

testWith(["read"], "the picture in the repository shows what it should", async () => {
  checkPicture(await Deno.readTextFile(new URL("docs/terminal.svg", ROOT)));
});

testWith(["read", "write", "run", "net", "env"], "the script draws it from a session", async () => {
  const file = await Deno.makeTempFile({ suffix: ".svg" });
  try {
    const flags = "run --allow-run --allow-read --allow-write --ignore-env --no-prompt --quiet";
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...flags.split(" "), "--deny-import", "scripts/picture.ts", file],
      cwd: ROOT,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    checkPicture(await Deno.readTextFile(file));
  } finally {
    await Deno.remove(file);
  }
}, pty);

Deno.test("text from others does not get out of its element", () => {
  const text = `</text><script>"&'\x1b\ud800`;
  const run = { column: 0, columns: text.length, text, colour: undefined, ...PLAIN };
  const screen = { columns: 20, rows: [[run]], cursor: { row: 0, column: 0 } };
  const svg = screenSvg(screen, { title: "<t>", description: "&" });
  assertEquals(elements(svg).filter((name) => name === "script"), []);
  assert(svg.includes("&#60;/text&#62;&#60;script&#62;&#34;&#38;'\ufffd\ufffd</text>"), svg);
});

Deno.test("an inverse run is a block and text in the colour of the paper", () => {
  const run = { column: 2, columns: 3, text: "bob", colour: "#123456", ...PLAIN, inverse: true };
  const screen = { columns: 20, rows: [[], [run]], cursor: { row: 0, column: 0 } };
  const svg = screenSvg(screen, { title: "t", description: "d" });
  assert(/<rect x="30.8" y="55" width="25.2" height="19" fill="#123456"\/>/.test(svg), svg);
  assert(/ fill="#0d1017">bob<\/text>/.test(svg), svg);
});

const PLAIN = { bold: false, dim: false, inverse: false };

function checkPicture(svg: string): void {
  const names = elements(svg);
  for (const name of names) {
    assert(["svg", "title", "desc", "rect", "path", "circle", "g", "text"].includes(name), name);
  }
  assert(!/href|url\(|@import|style=/.test(svg), "nothing is fetched");
  const rows = textRows(svg);
  let at = 0;
  for (const wanted of LINES) {
    const found = rows.findIndex((row, i) => i >= at && wanted.test(row));
    assert(found >= 0, `${wanted} in:\n${rows.join("\n")}`);
    at = found + 1;
  }
}

/** The names of the elements; throws if one is not closed, or if text holds a bare sign. */
function elements(svg: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const rest = svg.replace(/<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<>&]*")*)(\/?)>/g, (...match) => {
    const [, end, name = "", , empty] = match as string[];
    if (end) {
      assertEquals(open.pop(), name);
    } else {
      names.push(name);
      if (!empty) open.push(name);
    }
    return "";
  });
  assertEquals(open, [], "every element is closed");
  assert(!/[<>]|&(?!#\d+;)/.test(rest), rest);
  return names;
}

/** The text of the picture row by row, at the columns where it stands. */
function textRows(svg: string): string[] {
  const rows = new Map<string, string>();
  const texts = svg.matchAll(/<text xml:space="preserve" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g);
  for (const [, x, y = "", text = ""] of texts) {
    const column = Math.round((Number(x) - 14) / 8.4);
    const shown = text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    rows.set(y, (rows.get(y) ?? "").padEnd(column) + shown);
  }
  return [...rows.values()];
}
