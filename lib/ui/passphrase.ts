import { UsageError } from "./flags.ts";
import { takeStdinLine } from "./stdin_lines.ts";
import { writeLines } from "./stdout.ts";

/**
 * Asks for the passphrase of a key: on the terminal, where it is not shown and standard output is
 * left alone. Where standard input is no terminal, its next line is the passphrase.
 *
 * @param username whose key it is
 * @returns never empty; `undefined` if the user gave up (Ctrl-C)
 * @throws {UsageError} if that line is empty or missing
 */
export async function askPassphrase(username: string): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return await takePassphrase();
  return await prompt(`Passphrase of the key of ${username}:`);
}

/**
 * Like {@linkcode askPassphrase}, for one that is chosen now: asked for twice on the terminal,
 * until both answers are the same.
 */
export async function askNewPassphrase(username: string): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return await takePassphrase();
  for (;;) {
    const chosen = await prompt(`New passphrase, to seal the key of ${username} with:`);
    if (chosen === undefined) return undefined;
    const again = await prompt("The same once more:");
    if (again === undefined || again === chosen) return again;
    writeLines(["These two differ; once more from the beginning"], Deno.stderr);
  }
}

async function takePassphrase(): Promise<string> {
  const line = await takeStdinLine();
  if (line) return line;
  throw new UsageError("the passphrase is missing: give it as the next line of input");
}

async function prompt(message: string): Promise<string | undefined> {
  // Loaded here: who is asked nothing does not wait for it.
  const { ask } = await import("./questions.ts");
  return await ask({
    message,
    secret: true,
    refuse: (answer) => answer === "" ? "A passphrase that is not empty" : undefined,
  }, { onStderr: true, plain: false });
}
