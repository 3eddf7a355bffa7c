import { ClientError } from "../peer/client.ts";
import { ProtocolError } from "../protocol/error.ts";
import { IdentityError } from "../store/identities.ts";
import { escapeForTerminal } from "./escape.ts";
import { UsageError } from "./flags.ts";
import { NAME_FORM } from "./joining_flags.ts";
import { writeLines } from "./stdout.ts";

/** What to do about an error, by its code. */
const ADVICE: Readonly<Record<string, string>> = {
  "not-connected": "start one with `deno task server`, or give another with --server; " +
    "confab-client doctor finds what is wrong",
  "name-taken": "choose another with --username, or bring your key along: confab-client key --help",
  "bad-name": `a name is ${NAME_FORM}`,
};

/** Says on standard error, in one line, why the client could not do its work. */
export function complain(message: string, code = ""): void {
  // It may be the registry's own words.
  writeLines([`confab-client: ${escapeForTerminal(advised(message, code))}`], Deno.stderr);
}

/**
 * Runs one of the client's programs; what went wrong is said on standard error.
 *
 * @param help what to call for its flags, e.g. `send --help`
 * @returns its exit code: 1 for a failure, 2 for wrong usage
 */
export async function exitCodeOf(run: () => Promise<number>, help: string): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ClientError || error instanceof IdentityError) {
      complain(error.message);
      return 1;
    }
    // A name that cannot be one is a wrong flag, as no registry was asked yet.
    if (!(error instanceof UsageError || error instanceof ProtocolError)) throw error;
    const code = error instanceof ProtocolError ? error.code : "";
    complain(`${advised(error.message, code)}; see ${help}`);
    return 2;
  }
}

function advised(message: string, code: string): string {
  const advice = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
  return advice === undefined ? message : `${message}; ${advice}`;
}
