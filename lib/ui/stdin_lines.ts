import type { FaceHandler } from "./face.ts";
import { peekStdin, takeStdin } from "./stdin_source.ts";

/** What is read of lines that are not taken yet, and where the first of them begins. */
let rest = "";
let at = 0;
let ended = false;

/**
 * The next line of standard input, without its line end (LF or CR LF); those after it are left to the next
 * reader.
 *
 * @returns `undefined` at its end
 */
export async function takeStdinLine(): Promise<string | undefined> {
  return (await whenLine()) ? takeLine() : undefined;
}

/**
 * Reads standard input line by line until its end, or until `signal`: what comes after that is left to the
 * next reader.
 */
export async function readStdinLines(handler: FaceHandler, signal: AbortSignal): Promise<void> {
  while (await whenLine()) {
    if (signal.aborted) return;
    handler.line(takeLine());
  }
  if (!signal.aborted) handler.inputEnded();
}

/** Resolves once there is a line to take; to `false` if there will be none. */
async function whenLine(): Promise<boolean> {
  while (!rest.includes("\n", at) && !ended) {
    const piece = peekStdin();
    const text = await piece;
    // A reader that was called off may have waited for the same piece, and have put it here.
    if (!takeStdin(piece)) continue;
    ended = text === undefined;
    rest = rest.slice(at) + (text ?? "");
    at = 0;
  }
  return at < rest.length;
}

function takeLine(): string {
  const end = rest.indexOf("\n", at);
  const line = rest.slice(at, end < 0 ? undefined : end);
  at = end < 0 ? rest.length : end + 1;
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
