import { ROOT } from "../tests/support/program.ts";
import { onCore } from "./pinning.ts";

/** Something could not be measured; the message says why, for the table. */
export class NotMeasured extends Error {
  override readonly name = "NotMeasured";
}

/** A process of the bench, read line by line. Dispose of it to end it; so does its signal. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<string>;
  readonly #signal: AbortSignal;
  readonly #kill = (): void => this.#end();
  #rest = "";
  #ended = false;

  /** @param core to run on alone; on any without one */
  constructor(command: readonly string[], core: number | undefined, signal: AbortSignal) {
    signal.throwIfAborted();
    const [program = "", ...args] = onCore(core, command);
    this.#process = new Deno.Command(program, {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#stdin = this.#process.stdin.getWriter();
    this.#stdout = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#signal = signal;
    signal.addEventListener("abort", this.#kill);
    this.#process.status.then(() => this.#ended = true);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Its next line.
   *
   * @throws {NotMeasured} if it has ended before
   */
  async nextLine(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value } = await this.#stdout.read();
      this.#signal.throwIfAborted();
      if (value === undefined) throw new NotMeasured("the process has ended early");
      this.#rest += value;
    }
  }

  /**
   * Until it has printed `text`.
   *
   * @throws {NotMeasured} if it has ended before
   */
  async until(text: string): Promise<void> {
    while (!this.#rest.includes(text)) {
      const { value } = await this.#stdout.read();
      this.#signal.throwIfAborted();
      if (value === undefined) throw new NotMeasured("the process has ended early");
      this.#rest += value;
    }
  }

  /** All that it prints until it ends. */
  async allOutput(): Promise<string> {
    let text = this.#rest;
    for (;;) {
      const { value } = await this.#stdout.read();
      this.#signal.throwIfAborted();
      if (value === undefined) return text;
      text += value;
    }
  }

  /** Forgets what it prints from now on, so that it never has to wait for us. */
  async ignoreOutput(): Promise<void> {
    while (!(await this.#stdout.read()).done);
  }

  /** Types a line; whether it is still there to read it shows at the next read. */
  async type(line: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(line + "\n")).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener("abort", this.#kill);
    this.#end();
    await this.#process.status;
    await this.#stdin.close().catch(() => {});
    await this.ignoreOutput();
  }

  #end(): void {
    if (!this.#ended) this.#process.kill("SIGKILL");
  }
}
