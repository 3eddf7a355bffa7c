import { createHash } from "node:crypto";
import { PATIENCE_MS } from "./eventually.ts";
import type { OriginStore } from "./origin_store.ts";
import { ROOT, taskArgs, unkept } from "./program.ts";

/** `client.ts pipe` as a process of its own: its input is written by the test, of its output hash and length are kept. */
export class PipeProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #hash = createHash("sha256");
  readonly #reading: Promise<void>;
  readonly #code: Promise<number>;
  #wake = Promise.withResolvers<void>();
  #count = 0;
  #stderr = "";
  #isOver = false;

  /** @param store what is kept lies there, as for any user */
  constructor(args: readonly string[], store?: OriginStore) {
    const all = ["pipe", ...args];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: store ? store.args("client.ts", ...all) : [...taskArgs("client"), ...unkept(all)],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = this.#child.stdout.getReader();
    this.#reading = Promise.all([this.#readStdout(), this.#readStderr()]).then(() => {});
    this.#code = this.#child.status.then(({ code }) => {
      this.#isOver = true;
      return code;
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Bytes that it has written to its standard output. */
  get count(): number {
    return this.#count;
  }

  /** What it said on standard error, without what Deno itself says when its cache is still empty. */
  get stderr(): string {
    return this.#stderr.replace(/^Download .*\n/gm, "");
  }

  /** The SHA-256 of its standard output, at its end. */
  hash(): string {
    return this.#hash.digest("hex");
  }

  /** Writes to its standard input; resolves once that has room for more. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#stdin.write(bytes);
  }

  /** Ends its input. */
  endInput(): Promise<void> {
    return this.#stdin.close().catch(() => {});
  }

  /** Reads its output no more. */
  closeOutput(): Promise<void> {
    return this.#stdout.cancel();
  }

  /** Waits until so many bytes have come. */
  has(count: number): Promise<void> {
    return this.#until(() => this.#count >= count, () => `${count} bytes, but ${this.#count}`);
  }

  /** Waits until it has said `text`. */
  says(text: string): Promise<void> {
    return this.#until(() => this.#stderr.includes(text), () => `"${text}", but ${this.#stderr}`);
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
    return await this.#code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.kill("SIGKILL");
    await this.#stdin.abort().catch(() => {});
    await this.exit();
  }

  async #until(holds: () => boolean, what: () => string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`pipe: waited in vain for ${what()}`)),
      PATIENCE_MS,
    );
    try {
      while (!holds()) await Promise.race([this.#wake.promise, late.promise]);
    } finally {
      clearTimeout(timer);
      late.promise.catch(() => {});
    }
  }

  #changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  async #readStdout(): Promise<void> {
    for (;;) {
      const { value } = await this.#stdout.read();
      if (!value) return;
      this.#hash.update(value);
      this.#count += value.length;
      this.#changed();
    }
  }

  async #readStderr(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#stderr += text;
      this.#changed();
    }
  }
}

/** `count` bytes in pieces of 64 KiB, the same for a seed, and their SHA-256. */
export function seededBytes(count: number, seed: number): {
  readonly pieces: Iterable<Uint8Array>;
  readonly hash: () => string;
} {
  const hash = createHash("sha256");
  function* pieces(): Generator<Uint8Array> {
    let state = seed >>> 0 || 1;
    for (let left = count; left > 0;) {
      const words = new Uint32Array(16_384);
      for (let i = 0; i < words.length; i++) {
        // xorshift32
        state ^= state << 13;
        state ^= state >>> 17;
        state = (state ^ (state << 5)) >>> 0;
        words[i] = state;
      }
      const piece = new Uint8Array(words.buffer).subarray(0, Math.min(left, 65_536));
      left -= piece.length;
      hash.update(piece);
      yield piece;
    }
  }
  return { pieces: pieces(), hash: () => hash.digest("hex") };
}
