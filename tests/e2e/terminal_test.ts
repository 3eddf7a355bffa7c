/** The client in a pseudo-terminal, as a person uses it. */
import { assert, assertEquals } from "../support/assert.ts";
import { granted, testWith } from "../support/permitted.ts";
import { startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { hasPseudoTerminal, TerminalProgram } from "../support/terminal.ts";

const NEEDS = ["net", "run", "read", "env"] as const;
const pty = { holds: granted("read") && hasPseudoTerminal(), need: "script of util-linux" };

/** Waits until `ann` is in the room. */
async function isIn(ann: TerminalProgram): Promise<void> {
  await ann.shows((lines) => {
    return lines.some((line) => line.startsWith("-!- you are ann")) && lines.at(-1) === "room> ";
  }, "in");
}

const flags = (port: number): string[] =>
  `--server 127.0.0.1 --port ${port} --username ann --ip 127.0.0.1 --udp-port 0 --no-time`.split(
    " ",
  );

for (const columns of [40, 80, 200]) {
  testWith(
    NEEDS,
    `${columns} columns: what arrives never destroys what is being typed`,
    async () => {
      const { server, port } = await startServer(["--message-rate", "0"]);
      await using _ = server;
      await using bob = await RawClient.join(port, "bob");
      await using ann = new TerminalProgram("client", flags(port), columns);
      await ann.shows((lines) => lines.some((line) => line.startsWith("-!- you are ann")), "in");
      let typed = "";
      // Longer than 40 columns, so that it wraps; edited in the middle, too.
      for (const [i, key] of [..."hello everybody, this is a line of some length"].entries()) {
        await ann.press(key);
        typed += key;
        const text = `message ${i}`;
        await bob.say(`BROADCAST:bob:${text.length}:${text}`);
        await ann.shows((lines) => {
          const at = lines.findIndex((line) => line === `<bob> ${text}`);
          const below = lines.slice(at + 1).map((line) => line.padEnd(columns)).join("").trimEnd();
          return at >= 0 && below === `room> ${typed}`.trimEnd();
        }, `${text} above > ${typed}`);
      }
      await ann.press("\x1b[D".repeat(6) + "great " + "\x01so: " + "\x05!\r");
      await bob.hears("BROADCAST:ann:57:so: hello everybody, this is a line of some great length!");
      const shown = ann.lines.filter((line) => line.startsWith("<bob> message "));
      assertEquals(shown.length, 46, "each message stands there once");
      await ann.press("/quit\r");
      assertEquals(await ann.exit(), 0);
    },
    pty,
  );
}

testWith(NEEDS, "wide characters that wrap at any column leave nothing behind", async () => {
  const { server, port } = await startServer(["--message-rate", "0"]);
  await using _ = server;
  await using bob = await RawClient.join(port, "bob");
  for (const columns of [40, 41, 42, 43]) {
    await using ann = new TerminalProgram("client", flags(port), columns);
    await ann.shows((lines) => lines.some((line) => line.startsWith("-!- you are ann")), "in");
    const words = Array.from({ length: 12 }, (_, i) => `word${i}漢字 `);
    for (const word of words) await ann.press(word);
    await bob.say("BROADCAST:bob:2:hi");
    await ann.shows((lines) => {
      const isTyped = lines.join("").replaceAll(" ", "").endsWith("word11漢字");
      return isTyped && lines.includes("<bob> hi");
    }, "typed, below what arrived");
    await ann.press("\x15");
    await ann.shows((lines) => lines.at(-1) === "room> ", "the line taken back");
    assertEquals(ann.lines.filter((line) => line.includes("word")), [], `${columns} columns`);
    assertEquals(ann.lines.filter((line) => line === "<bob> hi").length, 1);
    await ann.press("/quit\r");
    assertEquals(await ann.exit(), 0);
    await bob.hears((line) => line.startsWith("UPDATE:LEAVE:ann"));
  }
}, pty);

for (const columns of [40, 80, 200]) {
  testWith(
    NEEDS,
    `${columns} columns: 200 messages while a wide line is typed, edited, completed, and the width changes`,
    async () => {
      const { server, port } = await startServer(["--message-rate", "0"]);
      await using _ = server;
      await using bob = await RawClient.join(port, "bob");
      await using _han = await RawClient.join(port, "\u6f22\u5b57");
      await using ann = new TerminalProgram("client", flags(port), columns);
      await isIn(ann);
      let heard = 0;
      /** Four messages while `keys` are pressed; then each stands there once, above `line`. */
      const step = async (keys: string, line: string) => {
        const texts = Array.from({ length: 4 }, () => `message ${heard++} \u6f22`);
        const say = (text: string) => bob.say(`BROADCAST:bob:${text.length}:${text}`);
        const [first = "", ...rest] = texts;
        await say(first);
        await ann.press(keys);
        for (const text of rest) await say(text);
        const wanted = `${texts.map((text) => `<bob>${text}`).join("")}room>${line}`
          .replaceAll(" ", "");
        await ann.shows((lines) => lines.join("").replaceAll(" ", "").endsWith(wanted), wanted);
      };
      let line = "";
      for (let i = 0; i < 20; i++) await step(`w${i}\u6f22\u5b57 `, line += `w${i}\u6f22\u5b57 `);
      for (let i = 0; i < 10; i++) {
        const words = line.trim().split(" ");
        await step("\x17", line = words.slice(0, -1).map((word) => word + " ").join(""));
      }
      await step("\x01so: ", line = `so: ${line}`);
      await step("\x1bf\x1b[1;5C\x1b[D\x7f\x7f", line = line.replace("w1\u6f22\u5b57", "w\u5b57"));
      await step("\x05@b\t", line += "@bob ");
      await step("@\u6f22\t", line += "@\u6f22\u5b57 ");
      await step("\x7f", line = line.slice(0, -1));
      await step("\x15", "");
      await step("\x19", line);
      for (const other of [33, 90, 51, columns]) {
        await ann.resize(other);
        await step("\u5b57", line += "\u5b57");
      }
      for (let i = 0; i < 9; i++) await step("\u{5b57}\x7f.", line += ".");
      assertEquals(heard, 200);
      const all = ann.lines.join("").replaceAll(" ", "");
      assertEquals(all.match(/<bob>message\d+\u6f22/g)?.length, 200, "each stands there once");
      assertEquals(all.match(/room>/g)?.length, 1, "and so does the typed line");
      await ann.press("\r");
      await bob.hears(`BROADCAST:ann:${line.length}:${line}`);
      await ann.press("/quit\r");
      assertEquals(await ann.exit(), 0);
    },
    pty,
  );
}

testWith(NEEDS, "a paste of several lines waits for Enter, and is one message", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await RawClient.join(port, "bob");
  await using ann = new TerminalProgram("client", flags(port));
  await isIn(ann);
  const note = (lines: number, characters: number): string =>
    `[pasted ${lines} lines, ${characters} characters: Enter sends, Esc drops]`;
  await ann.press("see  !\x1b[D\x1b[D\x1b[200~one\r\ntwo\nthree\n\x1b[201~");
  await ann.shows((lines) => lines.at(-1) === `room> see ${note(3, 13)} !`, "held");
  await ann.press("\r");
  await bob.hears("BROADCAST:ann:19:see one\ntwo\nthree !");
  await ann.press("keep\x1b[200~a\rb\x1b[201~");
  await ann.shows((lines) => lines.at(-1) === `room> keep${note(2, 3)}`, "held");
  await ann.press("\x1b");
  await ann.shows((lines) => lines.at(-1) === "room> keep", "dropped");
  await ann.press("\x15\x1b[200~/chat\x1b[201~ one line");
  await ann.shows((lines) => lines.at(-1) === "room> /chat one line", "put in");
  await ann.press("\x15");
  await ann.shows((lines) => lines.at(-1) === "room> ", "empty");
  await ann.press("x\ry\rz");
  await ann.shows((lines) => lines.at(-1) === `room> ${note(3, 5)}`, "a burst");
  await ann.press("\r");
  await bob.hears("BROADCAST:ann:5:x\ny\nz");
  await ann.press("/quit\r");
  assertEquals(await ann.exit(), 0);
}, pty);

testWith(
  NEEDS,
  "the terminal is given back, also to who ends the program from outside",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    for (const end of ["TERM", "INT", "/quit\r", "\x04"] as const) {
      await using bob = await RawClient.join(port, "bob");
      await using ann = new TerminalProgram("client", flags(port));
      await isIn(ann);
      assert(ann.written.includes("\x1b[?2004h"));
      if (end === "TERM" || end === "INT") await ann.signal(end);
      else await ann.press(end);
      assertEquals(await ann.exit(), 0, end);
      await bob.hears((line) => line.startsWith("UPDATE:LEAVE:ann:"));
      const { written } = ann;
      assert(written.lastIndexOf("\x1b[?2004l") > written.lastIndexOf("\x1b[?2004h"), end);
      assert(written.lastIndexOf("\x1b[?7h") > written.lastIndexOf("\x1b[?7l"), end);
    }
  },
  pty,
);

testWith(NEEDS, "--plain: whole lines, and no control character at all", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await RawClient.join(port, "bob");
  await using ann = new TerminalProgram("client", [...flags(port), "--plain"]);
  await ann.shows((lines) => lines.some((line) => line.startsWith("-!- you are ann")), "in");
  await bob.say("BROADCAST:bob:2:hi", "BROADCAST:bob:9:/me waves");
  await ann.shows((lines) => lines.includes("* bob waves"), "both");
  await ann.press("hello\n/to bob\n");
  await bob.hears("BROADCAST:ann:5:hello");
  await ann.shows((lines) => lines.includes("-!- plain lines: bob>"), "where lines go");
  await ann.press("/quit\n");
  assertEquals(await ann.exit(), 0);
  // deno-lint-ignore no-control-regex -- it is what this is about.
  assertEquals(/[\x00-\x09\x0b\x0c\x0e-\x1f]/.exec(ann.written), null);
}, pty);

testWith(NEEDS, "the five questions, in the original's order, with defaults", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await RawClient.join(port, "bob");
  await using ann = new TerminalProgram("client", []);
  const asks = (question: string) =>
    ann.shows((lines) => lines.some((line) => line.includes(question)), `asked ${question}`);
  await asks("Enter server IP: (127.0.0.1)");
  await ann.press("\r");
  await asks("Enter server port: (1337)");
  await ann.press("99999\r");
  await asks("A port from 1 to 65535");
  await ann.press("\x7f".repeat(5) + port + "\r");
  await asks("Enter your username:");
  await ann.press("a b\r");
  await asks("this user name may hold");
  await ann.press("\x7f\x7f\x7fann\r");
  await asks("Enter your client IP: (127.0.0.1)");
  await ann.press("\r");
  await asks("Enter your UDP port: (0)");
  await ann.press("\r");
  await ann.shows((lines) => lines.includes("-!- you are ann; here: bob"), "in");
  await bob.hears((line) => line.startsWith("UPDATE:JOIN:ann:127.0.0.1:"));
  await ann.press("/broadcast hi\r");
  await bob.hears("BROADCAST:ann:2:hi");
  await ann.press("\x04");
  assertEquals(await ann.exit(), 0);
  await bob.hears((line) => line.startsWith("UPDATE:LEAVE:ann:"));
}, pty);

testWith(NEEDS, "no registry: said with what to do, and asked again", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using ann = new TerminalProgram("client", ["--username", "ann"], 200);
  const last = (begin: string, count: number) =>
    ann.shows((lines) => {
      const asked = lines.filter((line) => line.startsWith(begin));
      return asked.length === count && lines.at(-1) === asked.at(-1);
    }, `${begin} ${count}`);
  await last("Enter server IP:", 1);
  await ann.press("\r");
  await last("Enter server port:", 1);
  await ann.press("1\r");
  await last("Enter server IP:", 2);
  const advice = "! no registry answers at 127.0.0.1:1: start one with `deno task server`, " +
    "or give another with --server";
  assert(ann.lines.some((line) => line.startsWith(advice)), ann.lines.join("\n"));
  await ann.press("\r");
  await last("Enter server port:", 2);
  await ann.press(`${port}\r`);
  await last("Enter your client IP: (127.0.0.1)", 1);
  await ann.press("\x04");
  assertEquals(await ann.exit(), 0);
}, pty);

testWith(NEEDS, "no registry where flags say: exit code 1", async () => {
  await using ann = new TerminalProgram("client", flags(1));
  assertEquals(await ann.exit(), 1);
}, pty);

testWith(NEEDS, "a name that is taken is asked for again, and nothing else is", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using bob = await RawClient.join(port, "bob");
  const where = ["--server", "127.0.0.1", "--port", `${port}`, "--ip", "127.0.0.1"];
  await using ann = new TerminalProgram("client", [...where, "--udp-port", "0"], 200);
  const asked = (count: number) =>
    ann.shows((lines) => {
      const questions = lines.filter((line) => line.startsWith("Enter your username:"));
      return questions.length === count && lines.at(-1) === questions.at(-1);
    }, `asked ${count}`);
  await asked(1);
  await ann.press("bob\r");
  await asked(2);
  await ann.press("ann\r");
  await bob.hears((line) => line.startsWith("UPDATE:JOIN:ann:"));
  await isIn(ann);
  await ann.press("hi\r");
  await bob.hears("BROADCAST:ann:2:hi");
  await ann.press("/quit\r");
  assertEquals(await ann.exit(), 0);
}, pty);

testWith(NEEDS, "Ctrl-C at a question leaves; Ctrl-C in the room leaves, too", async () => {
  const { server, port } = await startServer();
  await using _ = server;
  await using asked = new TerminalProgram("client", []);
  await asked.shows((lines) => lines.some((line) => line.includes("Enter server IP")), "asked");
  await asked.press("\x03");
  assertEquals(await asked.exit(), 0);
  await using ann = new TerminalProgram("client", flags(port));
  await ann.shows((lines) => lines.some((line) => line.startsWith("-!- you are ann")), "in");
  await ann.press("half a line\x03");
  await ann.shows((lines) => lines.at(-1) === "room> ", "the line cleared");
  await ann.press("\x03");
  await ann.shows((lines) => lines.some((line) => line.includes("Ctrl-C again")), "asked");
  await ann.press("\x03");
  assertEquals(await ann.exit(), 0);
  assert(ann.lines.includes("-!- bye"), ann.lines.join("\n"));
}, pty);

testWith(
  NEEDS,
  "a chat with the original says on its prompt and lines that it is not encrypted",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using ann = new TerminalProgram("client", flags(port));
    await ann.shows((lines) => lines.some((line) => line.startsWith("-!- you are ann")), "in");
    await using old = await RawClient.join(port, "old", "classic");
    await ann.shows((lines) => lines.includes("+ old joined"), "old");
    const [, udpPort = ""] = /:ann:127\.0\.0\.1:(\d+)/.exec(old.heard.all.join("\n")) ?? [];
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const udp = Deno.listenDatagram({ hostname: "127.0.0.1", port: 0, transport: "udp" });
    const offer = { type: "tcp_port_info", username: "old", "tcp_port": listener.addr.port };
    const to = { hostname: "127.0.0.1", port: Number(udpPort), transport: "udp" } as const;
    await udp.send(new TextEncoder().encode(JSON.stringify(offer)), to);
    udp.close();
    await ann.shows((lines) => lines.some((line) => line.includes("/accept old")), "the invite");
    await ann.press("/accept old\r");
    using conn = await listener.accept();
    await conn.read(new Uint8Array(100));
    await conn.write(new TextEncoder().encode("hi"));
    const [line, prompt] = ["[old, not encrypted] hi", "[old: not encrypted] room>"];
    await ann.shows((lines) => lines.includes(line) && lines.at(-1)?.trimEnd() === prompt, prompt);
    await ann.press("/close old\r");
    await ann.shows((lines) => lines.at(-1)?.trimEnd() === "room>", "the prompt without it");
    await ann.press("/quit\r");
    assertEquals(await ann.exit(), 0);
  },
  pty,
);
