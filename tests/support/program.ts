import { Inbox } from "./eventually.ts";
import { faultOf } from "./ndjson_schema.ts";
import type { OriginStore } from "./origin_store.ts";

/** The folder of the project. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** One line of `--json`. */
export type JsonEvent = Record<string, unknown> & { readonly event: string };

/**
 * The server or the client as a process of its own, as its task in `deno.json` runs it; with `--ephemeral`, so
 * that no test finds what another has left, unless a profile is named. With `--json` every line of its output is held
 * against `docs/ndjson.schema.json`: what is wrong comes out at its {@linkcode Program.exit | exit}.
 */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<unknown>;
  readonly #status: Promise<number>;
  /** Each line of its output, in order. */
  readonly lines: Inbox<string>;
  /** What it has told with `--json`, in order. */
  readonly events: Inbox<JsonEvent>;
  /** What its lines are, if they are for programs. */
  readonly #kind: "client-event" | "doctor-event" | "server-event" | undefined;
  readonly #faults: string[] = [];
  #stdout = "";
  #stderr = "";
  #ended = false;

  /**
   * @param store what is kept lies there, as for any user
   * @param within what to start it with: `ip netns exec NAME`
   */
  constructor(
    task: "server" | "client",
    args: readonly string[],
    store?: OriginStore,
    within: readonly string[] = [],
  ) {
    this.lines = new Inbox(`${task} ${args.join(" ")}`);
    this.events = new Inbox(`${task} ${args.join(" ")}`);
    this.#kind = args.includes("--json")
      ? `${args[0] === "doctor" ? "doctor" : task}-event`
      : undefined;
    const [command = "", ...before] = [...within, Deno.execPath()];
    const own = store ? store.args(`${task}.ts`, ...args) : [...taskArgs(task), ...unkept(args)];
    this.#child = new Deno.Command(command, {
      args: [...before, ...own],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#reading = Promise.all([this.#readStdout(), this.#readStderr()]);
    this.#status = this.#child.status.then(({ code }) => {
      this.#ended = true;
      return code;
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Its standard error, without what Deno itself says when its cache is still empty. */
  get stderr(): string {
    return this.#stderr.replace(/^Download .*\n/gm, "");
  }

  /** Types lines. */
  async type(...lines: string[]): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(lines.map((line) => line + "\n").join("")));
  }

  /** Ends its input. */
  async endInput(): Promise<void> {
    await this.#stdin.close();
  }

  /** The next event of that kind with those fields. */
  next(event: string, fields: Record<string, unknown> = {}): Promise<JsonEvent> {
    const wanted = { event, ...fields };
    return this.events.next((told) => matches(told, wanted), JSON.stringify(wanted));
  }

  /** Such an event, whenever it was told: for what comes by different ways, in no fixed order. */
  some(event: string, fields: Record<string, unknown> = {}): Promise<JsonEvent> {
    const wanted = { event, ...fields };
    return this.events.some((told) => matches(told, wanted), JSON.stringify(wanted));
  }

  /** Sends it a signal, if it still runs. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended; that may be known here a moment later than to the runtime.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Its exit code, once it has ended and all its output is read. */
  async exit(): Promise<number> {
    await this.#reading;
    const code = await this.#status;
    const [fault] = this.#faults.splice(0);
    if (fault !== undefined) throw new Error(fault);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.kill("SIGKILL");
    await this.#stdin.close().catch(() => {});
    await this.exit();
  }

  async #readStdout(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#stdout += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const fault = this.#kind && faultOf(this.#kind, line);
        if (fault !== undefined) this.#faults.push(fault);
        this.lines.push(line);
        if (line.startsWith("{")) this.events.push(JSON.parse(line));
      }
    }
  }

  async #readStderr(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr += text;
    }
  }
}

function matches(told: JsonEvent, wanted: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([key, value]) => told[key] === value);
}

/** The arguments with which `deno.json` has a task run: `run --allow-net ... server.ts`. */
export function taskArgs(task: "server" | "client"): string[] {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  return config.tasks[task].command.split(" ").slice(1);
}

/** `args`, with nothing kept unless they name a profile. */
export function unkept(args: readonly string[]): string[] {
  return args.includes("--profile") ? [...args] : [...args, "--ephemeral"];
}

/** A registry that listens, on loopback unless told otherwise. */
export async function startServer(
  args: readonly string[] = [],
  host = "127.0.0.1",
  store: OriginStore | undefined = undefined,
): Promise<{ server: Program; port: number }> {
  const server = new Program("server", ["--host", host, "--port", "0", "--json", ...args], store);
  const { port } = await server.next("listening");
  return { server, port: Number(port) };
}

/** A client that is in the room. */
export async function startClient(
  username: string,
  port: number,
  args: readonly string[] = [],
  host = "127.0.0.1",
  store: OriginStore | undefined = undefined,
): Promise<Program> {
  const where = ["--server", host, "--port", String(port)];
  const all = [...where, "--username", username, "--json", ...args];
  const client = new Program("client", all, store);
  await client.next("registered", { username });
  return client;
}
