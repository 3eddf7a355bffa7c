import { TextLineStream } from "../std/text_line_stream.ts";
import type { FaceHandler } from "./face.ts";

/** Standard input can be read once: whoever takes a line takes it from here. */
let reader: ReadableStreamDefaultReader<string> | undefined;

/**
 * The next line of standard input, where that is no terminal; those after it are left to the next reader.
 *
 * @returns `undefined` at its end
 */
export async function takeStdinLine(): Promise<string | undefined> {
  reader ??= Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  try {
    return (await reader.read()).value;
  } catch (error) {
    // A directory, a terminal that went away: no input is the end of input.
    if (!(error instanceof Error && "code" in error)) throw error;
    return undefined;
  }
}

/** Reads standard input, where that is no terminal, line by line until its end. */
export async function readStdinLines(handler: FaceHandler): Promise<void> {
  for (let line = await takeStdinLine(); line !== undefined; line = await takeStdinLine()) {
    handler.line(line);
  }
  handler.inputEnded();
}
