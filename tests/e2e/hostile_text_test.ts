/** What others send never does anything to the terminal: the client in one, against all that is bad. */
import { startRegistry } from "../../mod.ts";
import { codePoints } from "../../lib/protocol/utf8.ts";
import { escapeForTerminal } from "../../lib/ui/escape.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { FakeRegistry, OWN_KEY } from "../support/fake_registry.ts";
import { granted, testWith } from "../support/permitted.ts";
import { RawClient } from "../support/raw_client.ts";
import { hasPseudoTerminal, TerminalProgram } from "../support/terminal.ts";
import { HARMLESS, HOSTILE, HOSTILE_NAMES } from "../ui/hostile_corpus.ts";

const NEEDS = ["net", "run", "read", "env"] as const;
const pty = { holds: granted("read") && hasPseudoTerminal(), need: "script of util-linux" };

const TEXTS = Object.entries({ ...HOSTILE, ...HARMLESS });

/** Names that go as far as a registry lets them: other directions, piles of marks, wide ones. */
const ALLOWED_NAMES = ["محمد", "שָׁלוֹם", "o" + "\u0308".repeat(3), "語".repeat(32), "ក្រុម"];

const flags = (port: number): string[] =>
  `--server 127.0.0.1 --port ${port} --username ann --ip 127.0.0.1 --udp-port 0 --ephemeral --no-time`
    .split(" ");

/**
 * What the painter writes: up, erase below, autowrap and bracketed paste on and off, colours. Nothing else
 * begins with ESC.
 */
// deno-lint-ignore no-control-regex -- it is what this is about.
const PAINTED = /\x1b\[(?:0J|\d+A|\?7[hl]|\?2004[hl]|(?:\d+;)*\d+m)/g;
const CONTROL = /(?!\r|\n)\p{Cc}|[\p{Bidi_Control}\u2028\u2029\u200b\ufeff]/u;

/** Nothing of what was `written` makes a terminal do anything, but for what the painter wants. */
function checkWritten(written: string): void {
  // Before the first prompt Deno itself may show what it loads.
  const rest = written.slice(written.indexOf("room> ")).replace(PAINTED, "");
  const at = rest.search(CONTROL);
  assertEquals(at < 0 ? "" : JSON.stringify(rest.slice(Math.max(0, at - 40), at + 40)), "");
}

/** The rows between two, as they would be in one; where a wide character wrapped, a column is blank. */
function joined(rows: readonly string[]): string {
  return rows.join("").replace(/\s/gu, "");
}

/** Waits until `ann` is in the room. */
async function isIn(ann: TerminalProgram): Promise<void> {
  await ann.shows((lines) => {
    return lines.some((line) => line.startsWith("-!- you are ann")) && lines.at(-1) === "room> ";
  }, "in");
}

/** Typing goes on where it should. */
async function checkPrompt(ann: TerminalProgram): Promise<void> {
  await ann.press("hello");
  await ann.shows((lines) => lines.at(-1) === "room> hello", "the prompt in the last row");
  assertEquals(ann.cursor, { row: ann.lines.length - 1, column: 11 });
  await ann.press("\x15/quit\r");
  assertEquals(await ann.exit(), 0);
}

for (const columns of [41, 80]) {
  testWith(
    NEEDS,
    `${columns} columns: hostile texts in a room stand there as text, each in its rows`,
    async () => {
      await using registry = startRegistry({ hostname: "127.0.0.1", port: 0, messageRate: 0 });
      const { port } = registry.addr;
      await using bob = await RawClient.join(port, "bob");
      await using ann = new TerminalProgram("client", flags(port), columns);
      await isIn(ann);
      await ann.shows(
        (lines) => joined(lines).includes("nonesofar") && lines.at(-1) === "room> ",
        "what the registry keeps, and the prompt again",
      );
      let above = ann.lines.length - 1;
      for (const [i, [name, text]] of TEXTS.entries()) {
        const end = `end ${i}`;
        await bob.say(
          `BROADCAST:bob:${codePoints(text)}:${text}`,
          `BROADCAST:bob:${end.length}:${end}`,
        );
        const wanted = [`<bob> ${end}`, "room> "];
        await ann.shows((lines) => lines.slice(-2).join("\n") === wanted.join("\n"), name);
        const rows = ann.lines.slice(above, -2);
        assertEquals(joined(rows), joined([`<bob> ${escapeForTerminal(text)}`]), name);
        above = ann.lines.length - 1;
      }
      for (const name of ALLOWED_NAMES) {
        await using other = await RawClient.join(port, name);
        await other.say(`BROADCAST:${name}:2:hi`);
        const shown = joined([`<${escapeForTerminal(name)}> hi`]);
        await ann.shows((lines) => joined(lines).includes(shown), name);
      }
      checkWritten(ann.written);
      await checkPrompt(ann);
    },
    pty,
  );
}

testWith(NEEDS, "hostile names, codes and texts of a registry itself", async () => {
  const address = (name: string): string => `${name}:127.0.0.1:5001`;
  const user = (name: string): string => `${address(name)}:${"0".repeat(16)}:-`;
  await using registry = new FakeRegistry(() => [
    ["ROSTER:0", ...["ann", ...HOSTILE_NAMES].map(user)].join(":").replace(":-", `:${OWN_KEY}`),
  ]);
  await using ann = new TerminalProgram("client", flags(registry.port));
  await isIn(ann);
  for (const [i, name] of HOSTILE_NAMES.entries()) {
    const end = `end ${i}`;
    const [, text = ""] = TEXTS[i] ?? [];
    const code = text.replaceAll(":", ";");
    await registry.tell(
      `UPDATE:LEAVE:${address(name)}`,
      `UPDATE:JOIN:${user(name)}`,
      `BROADCAST:${name}:${codePoints(name)}:${name}`,
      `ERROR:${code}:${text}`,
      `BROADCAST:bob:${end.length}:${end}`,
    );
    await ann.shows((lines) => lines.slice(-2).join("\n") === `<bob> ${end}\nroom> `, name);
    const shown = escapeForTerminal(name);
    const rows = joined(ann.lines);
    const told = `! ${escapeForTerminal(text)} (${escapeForTerminal(code)})`;
    for (const line of [`- ${shown} left`, `+ ${shown} joined`, `<${shown}> ${shown}`, told]) {
      assert(rows.includes(joined([line])), line);
    }
  }
  await ann.press("/peers\r");
  const last = escapeForTerminal(HOSTILE_NAMES.at(-1) ?? "");
  await ann.shows((lines) => {
    return joined(lines).includes(joined([`-!- ${last} no key - 127.0.0.1:5001`])) &&
      lines.at(-1) === "room> ";
  }, "everybody");
  checkWritten(ann.written);
  await checkPrompt(ann);
}, pty);

testWith(NEEDS, "a registry that refuses in hostile words", async () => {
  const words = Object.values(HOSTILE).filter((text) => text.length < 1_000).join(" ");
  await using registry = new FakeRegistry(() => [`ERROR:full:${words}`]);
  await using ann = new TerminalProgram("client", flags(registry.port));
  assertEquals(await ann.exit(), 1);
  assert(joined(ann.lines).includes(joined([escapeForTerminal(words)]).slice(0, 500)));
  checkWritten(ann.written);
}, pty);
