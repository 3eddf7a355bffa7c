/**
 * Draws `docs/terminal.svg`: what bob sees while three people talk. The server and the clients are the real ones, each
 * client in a pseudo-terminal of its own; nothing in the picture is made up.
 *
 * `deno task picture [FILE]`
 *
 * @module
 */
import { startServer } from "../tests/support/program.ts";
import { TerminalProgram } from "../tests/support/terminal.ts";
import { screenSvg } from "./screen_svg.ts";

const [COLUMNS, ROWS] = [76, 30];
const CAPTION = {
  title: "confab: bob's terminal",
  description:
    "Three people talk in a room. Ann asks bob for a private chat, which runs directly " +
    "between the two of them, encrypted.",
};

/** Somebody at a terminal. */
class Person implements AsyncDisposable {
  readonly terminal: TerminalProgram;

  constructor(name: string, port: number) {
    const where = `--server 127.0.0.1 --port ${port} --ip 127.0.0.1 --udp-port 0`.split(" ");
    const args = [...where, "--username", name];
    this.terminal = new TerminalProgram("client", args, COLUMNS, ROWS);
  }

  async type(line: string): Promise<void> {
    await this.terminal.press(line + "\r");
  }

  /** Waits for a line that holds `text`, other than the one being typed. */
  async sees(text: string): Promise<void> {
    await this.terminal.shows(
      (lines) => lines.slice(0, -1).some((line) => line.includes(text)),
      text,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
  }
}

/** What is said, in order; each line is awaited before the next. */
async function draw(): Promise<string> {
  const { server, port } = await startServer();
  await using _ = server;
  await using ann = new Person("ann", port);
  await ann.sees("you are ann");
  await using bob = new Person("bob", port);
  await bob.sees("you are bob");
  await ann.sees("bob joined");
  await using carol = new Person("carol", port);
  await bob.sees("carol joined");
  await carol.sees("you are carol");
  await ann.type("good morning, everybody; caffè?");
  await bob.sees("caffè");
  await carol.sees("caffè");
  await carol.type("/me puts the kettle on");
  await bob.sees("kettle on");
  await ann.sees("kettle on");
  await bob.type("two sugars for me");
  await carol.sees("two sugars");
  await carol.type("bob: three, as ever");
  await bob.sees("as ever");
  await ann.type("/start bob");
  await bob.sees("/accept ann");
  await bob.type("/accept ann");
  await bob.sees("private chat with ann");
  await ann.sees("private chat with bob");
  await bob.type("/to ann");
  await bob.sees("to ann");
  await bob.type("the cake is in your drawer; not a word to carol");
  await ann.sees("your drawer");
  await ann.type("/to bob");
  await ann.sees("to bob, in private");
  await ann.type("found it! candles at four?");
  await bob.sees("at four?");
  await bob.type("/peers");
  await bob.sees("127.0.0.1:");
  await bob.terminal.press("four it is, an");
  await bob.terminal.shows((lines) => lines.at(-1)?.endsWith("four it is, an") === true, "typed");
  return screenSvg(bob.terminal.screen, CAPTION);
}

const [file = new URL("../docs/terminal.svg", import.meta.url)] = Deno.args;
await Deno.writeTextFile(file, await draw());
