import { ROOT, taskArgs } from "./program.ts";

/** A program on a page, which begins with a comment that gives its name. */
export interface CodeBlock {
  readonly language: string;
  /** `echo_bot.py` */
  readonly name: string;
  readonly text: string;
}

/** The programs on a page of ours, by their names. */
export function codeBlocks(page: string): Map<string, CodeBlock> {
  const text = Deno.readTextFileSync(new URL(page, ROOT));
  const blocks = text.matchAll(/^```(\w+)\n(?:#|\/\/) (\S+)\n([^]*?)^```$/gm);
  return new Map(
    Array.from(
      blocks,
      ([, language = "", name = "", text = ""]) => [name, { language, name, text }],
    ),
  );
}

/** How many blocks of any language a page has, with a name or without. */
export function countBlocks(page: string): number {
  const text = Deno.readTextFileSync(new URL(page, ROOT));
  return [...text.matchAll(/^```\w+$/gm)].length;
}

/**
 * A folder to run such programs in: `confab-client` and `confab-server` are the real ones, keep nothing
 * and join the registry at `port`; `mod.ts` is ours.
 */
export class BlockFolder implements AsyncDisposable {
  readonly path: string;
  readonly #running = new Set<{ readonly child: Deno.ChildProcess; readonly language: string }>();

  constructor(port: number) {
    this.path = Deno.makeTempDirSync({ prefix: "confab-docs-" });
    this.#program("confab-client", "client", `--port ${port} --ephemeral`);
    this.#program("confab-server", "server", "");
    Deno.writeTextFileSync(`${this.path}/pids`, "");
    Deno.writeTextFileSync(`${this.path}/mod.ts`, `export * from "${new URL("mod.ts", ROOT)}";\n`);
  }

  /** Starts a block, with `args`; what it says on standard error is ours, too. */
  start({ language, name, text }: CodeBlock, args: readonly string[] = []): Deno.ChildProcess {
    const file = `${this.path}/${name}`;
    Deno.writeTextFileSync(file, text);
    const [command = "", ...first] = COMMANDS[language]?.(name) ?? [];
    const child = new Deno.Command(command, {
      args: [...first, file, ...args],
      cwd: this.path,
      env: { PATH: `${this.path}:${Deno.env.get("PATH") ?? ""}` },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const running = { child, language };
    this.#running.add(running);
    child.status.then(() => this.#running.delete(running));
    return child;
  }

  /** Runs a block to its end. */
  async run(block: CodeBlock): Promise<{ readonly code: number; readonly stdout: string }> {
    const { code, stdout } = await this.start(block).output();
    return { code, stdout: new TextDecoder().decode(stdout) };
  }

  /** Asks what still runs to end, as its user would: our programs by a signal, the rest ends with them. */
  async stop(): Promise<void> {
    for (const pid of Deno.readTextFileSync(`${this.path}/pids`).split("\n")) {
      if (pid !== "") signal(() => Deno.kill(Number(pid), "SIGTERM"));
    }
    for (const { child, language } of this.#running) {
      if (language === "ts") signal(() => child.kill("SIGTERM"));
    }
    await Promise.all(Array.from(this.#running, ({ child }) => child.status));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.path, { recursive: true });
  }

  #program(name: string, task: "client" | "server", more: string): void {
    const [run, ...rest] = taskArgs(task);
    const script = rest.pop() ?? "";
    const config = ["--config", decodeURI(new URL("deno.json", ROOT).pathname)];
    const words = [
      Deno.execPath(),
      run,
      ...config,
      ...rest,
      decodeURI(new URL(script, ROOT).pathname),
    ];
    const command = words.map((word) => `'${word}'`).join(" ");
    const lines = [
      "#!/bin/sh",
      `echo $$ >> '${this.path}/pids'`,
      // What a program says itself stands.
      `case "$*" in *--port*) more=;; *) more='${more}';; esac`,
      `exec ${command} "$@" $more`,
    ];
    Deno.writeTextFileSync(`${this.path}/${name}`, lines.join("\n") + "\n", { mode: 0o755 });
  }
}

/** Something that has ended in the meantime needs no signal. */
function signal(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

/** How a block is run, but for its file. */
const COMMANDS: Readonly<Record<string, (name: string) => string[]>> = {
  sh: () => ["sh"],
  python: () => ["python3"],
  ts: (name) => {
    const config = ["--config", decodeURI(new URL("deno.json", ROOT).pathname)];
    const flags = [
      "--allow-net",
      "--ignore-env",
      "--no-prompt",
      "--no-check",
      "--quiet",
      ...config,
    ];
    return [Deno.execPath(), name.endsWith("_test.ts") ? "test" : "run", ...flags];
  },
};

/** Whether this system has such a program. */
export function hasProgram(name: string): boolean {
  if (Deno.build.os === "windows") return false;
  try {
    const asked = ["-c", 'command -v "$1" > /dev/null', "sh", name];
    return new Deno.Command("sh", { args: asked }).outputSync().success;
  } catch {
    return false;
  }
}
