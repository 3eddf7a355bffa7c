import { TextLineStream } from "../std/text_line_stream.ts";
import type { FaceHandler } from "./face.ts";

/** Reads standard input, where that is no terminal, line by line until its end. */
export async function readStdinLines(handler: FaceHandler): Promise<void> {
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  try {
    for await (const line of lines) handler.line(line);
  } catch (error) {
    // A directory, a terminal that went away: no input is the end of input.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
  handler.inputEnded();
}
