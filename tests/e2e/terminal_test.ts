/** The client in a pseudo-terminal, as a person uses it. */
import { assert, assertEquals } from "../support/assert.ts";
import { granted, testWith } from "../support/permitted.ts";
import { startServer } from "../support/program.ts";
import { RawClient } from "../support/raw_client.ts";
import { hasPseudoTerminal, TerminalProgram } from "../support/terminal.ts";

const NEEDS = ["net", "run", "read", "env"] as const;
const pty = { holds: granted("read") && hasPseudoTerminal(), need: "script of util-linux" };

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
  await ann.shows((lines) => lines.at(-1) === "room> ", "in");
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
