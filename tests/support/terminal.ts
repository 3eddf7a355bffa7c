import xterm from "@xterm/headless";
import { PATIENCE_MS } from "./eventually.ts";
import { ROOT, taskArgs, unkept } from "./program.ts";
import { readScreen } from "./terminal_screen.ts";
import type { Screen } from "../../scripts/screen_svg.ts";

/** Whether this system has a pseudo-terminal to offer: `script` of util-linux. */
export function hasPseudoTerminal(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return Deno.statSync("/usr/bin/script").isFile;
  } catch {
    return false;
  }
}

/** One of our programs in a pseudo-terminal, and the screen that a person would see. */
export class TerminalProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #reading: Promise<void>;
  #changed = Promise.withResolvers<void>();
  readonly #utf8 = new TextDecoder();
  #written = "";
  #ended = false;

  constructor(task: "client", args: readonly string[], columns = 80, rows = 24) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const command = [Deno.execPath(), ...taskArgs(task), ...unkept(args)]
      .map((arg) => `'${arg}'`).join(" ");
    this.#child = new Deno.Command("script", {
      args: ["-qfec", `stty cols ${columns} rows ${rows}; exec ${command}`, "/dev/null"],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { TERM: "xterm", SHELL: "/bin/sh" },
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#reading = this.#readAll();
  }

  /** Makes the terminal as wide as that: its screen first, then what the program is told. */
  async resize(columns: number): Promise<void> {
    this.#screen.resize(columns, this.#screen.rows);
    // The program is the one child of `script`, and its standard input is the terminal.
    const set = 'read -r child _ < /proc/$0/task/$0/children; stty cols "$1" < /proc/$child/fd/0';
    const { success } = await new Deno.Command("sh", {
      args: ["-c", set, `${this.#child.pid}`, `${columns}`],
    }).output();
    if (!success) throw new Error("the terminal cannot be resized");
  }

  /** Sends a signal to the program. */
  async signal(name: "TERM" | "INT"): Promise<void> {
    const send = 'read -r child _ < /proc/$0/task/$0/children; kill -s "$1" "$child"';
    await new Deno.Command("sh", { args: ["-c", send, `${this.#child.pid}`, name] }).output();
  }

  /** Presses keys. */
  async press(keys: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(keys));
  }

  /** The lines on the screen and above it, without trailing space and empty lines at the end. */
  get lines(): string[] {
    const { active } = this.#screen.buffer;
    const lines = Array.from(
      { length: active.length },
      (_, y) => active.getLine(y)?.translateToString(true) ?? "",
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The lines in their colours. */
  get screen(): Screen {
    return readScreen(this.#screen, this.lines.length, this.cursor);
  }

  /** All that was written to the terminal, with every control character. */
  get written(): string {
    return this.#written;
  }

  /** Where the cursor is, counted from 0; the row as in {@linkcode lines}. */
  get cursor(): { row: number; column: number } {
    const { baseY, cursorX, cursorY } = this.#screen.buffer.active;
    return { row: baseY + cursorY, column: cursorX };
  }

  /** Waits until the screen is as `wanted`. */
  async shows(wanted: (lines: string[]) => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!wanted(this.lines)) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#ended) throw new Error(`never ${what}:\n${this.lines.join("\n")}`);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, left));
      await Promise.race([this.#changed.promise, timeout]);
      clearTimeout(timer);
    }
  }

  /** Its exit code. */
  async exit(): Promise<number> {
    await this.#reading;
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#stdin.close().catch(() => {});
    await this.exit();
    this.#screen.dispose();
  }

  async #readAll(): Promise<void> {
    for await (const bytes of this.#child.stdout) {
      this.#written += this.#utf8.decode(bytes, { stream: true });
      await new Promise<void>((written) => this.#screen.write(bytes, written));
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
