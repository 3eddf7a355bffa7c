/**
 * Starts two executables and sees whether they work: a registry on a port of the system's choice, two
 * clients, one broadcast, a clean end of all three.
 *
 * `deno run --allow-run --no-prompt scripts/smoke.ts dist/confab-server dist/confab-client`
 *
 * @module
 */

/** Longest wait for any one thing, in milliseconds: a fresh executable may be looked at by a virus scanner. */
const PATIENCE_MS = 30_000;

/** One executable with `--json`. */
class Run {
  readonly #child: Deno.ChildProcess;
  readonly #name: string;
  readonly #events: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(executable: string, args: readonly string[]) {
    this.#name = `${executable} ${args.join(" ")}`;
    this.#child = new Deno.Command(executable, {
      args: [...args, "--json"],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#events = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async type(line: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(line + "\n"));
    writer.releaseLock();
  }

  /** The next event of that kind. */
  async next(event: string): Promise<Record<string, unknown>> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    try {
      for (;;) {
        const end = this.#rest.indexOf("\n");
        if (end < 0) {
          const { value, done } = await this.#events.read();
          if (done) throw new Error(`${this.#name} ended without ${event}`);
          this.#rest += value;
          continue;
        }
        const told = JSON.parse(this.#rest.slice(0, end));
        this.#rest = this.#rest.slice(end + 1);
        if (told.event === event) return told;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it: by a signal where the system has them. */
  async end(): Promise<void> {
    if (Deno.build.os === "windows") this.#child.kill();
    else this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    await this.#events.cancel();
    await this.#child.stdin.close().catch(() => {});
    if (code !== 0 && Deno.build.os !== "windows") throw new Error(`${this.#name}: code ${code}`);
  }
}

const [server, client] = Deno.args;
if (!server || !client) throw new Error("usage: smoke.ts SERVER CLIENT");
const registry = new Run(server, ["--host", "127.0.0.1", "--port", "0"]);
const { port } = await registry.next("listening");
const join = async (username: string): Promise<Run> => {
  const run = new Run(client, ["--port", String(port), "--username", username]);
  await run.next("registered");
  return run;
};
const ann = await join("ann");
const bob = await join("bob");
await ann.type("/broadcast it works");
const heard = await bob.next("broadcast");
if (heard["text"] !== "it works") throw new Error(`bob heard ${JSON.stringify(heard)}`);
for (const run of [ann, bob, registry]) await run.end();
console.log("the executables work");
