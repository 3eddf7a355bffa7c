import { ROOT, taskArgs } from "./program.ts";

/**
 * A `localStorage` of its own for child processes: Deno keeps one for each `--location`. Disposing
 * of it takes it off the disk.
 */
export class OriginStore implements AsyncDisposable {
  readonly #location = `https://${crypto.randomUUID()}.invalid`;

  /** The arguments for a script of this project, with the permissions of the programs. */
  args(script: string, ...args: readonly string[]): string[] {
    const run = taskArgs("client").slice(0, -1);
    return [...run, "--location", this.#location, script, ...args];
  }

  /** Runs a script with `input`, to its end. */
  async run(script: string, args: readonly string[], input = ""): Promise<Outcome> {
    const child = new Deno.Command(Deno.execPath(), {
      args: this.args(script, ...args),
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    const writer = child.stdin.getWriter();
    // A program that ends without reading its input closes the pipe.
    await writer.write(new TextEncoder().encode(input)).catch(() => {});
    await writer.close().catch(() => {});
    const { code, stdout, stderr } = await output;
    const decoder = new TextDecoder();
    // What Deno itself says when its cache is still empty is none of ours.
    const told = decoder.decode(stderr).replace(/^Download .*\n/gm, "");
    return { code, stdout: decoder.decode(stdout), stderr: told };
  }

  /** The folder with its file. */
  async folder(): Promise<string> {
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] })
      .output();
    const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
    const origin = new TextEncoder().encode(this.#location);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", origin)).toHex();
    return `${denoDir}/location_data/${digest}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Deno.remove(await this.folder(), { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // Nothing was stored.
    }
  }
}

/** How a script ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
