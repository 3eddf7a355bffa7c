import type { ClientEvent } from "../peer/events.ts";
import { toJsonLine } from "./escape.ts";
import type { Face, FaceHandler } from "./face.ts";
import { readStdinLines } from "./stdin_lines.ts";
import { LineOutput, writeLines } from "./stdout.ts";

/** For programs: one JSON object a line on standard output, and nothing else there. */
export class JsonFace implements Face {
  readonly #output = new LineOutput();
  readonly #closed = new AbortController();
  #handler: FaceHandler | undefined;

  open(handler: FaceHandler): void {
    this.#handler = handler;
    readStdinLines(handler, this.#closed.signal);
  }

  show(event: ClientEvent): void {
    if (!this.#output.write([toJsonLine(event)])) this.#handler?.outputLost();
  }

  tell(lines: readonly string[]): void {
    writeLines(lines, Deno.stderr);
  }

  close(): Promise<void> {
    this.#closed.abort();
    return this.#output.drained();
  }
}
