import type { ClientEvent } from "../peer/events.ts";
import type { Face, FaceHandler } from "./face.ts";
import { renderClientEvent, renderHelp } from "./render.ts";
import { readStdinLines } from "./stdin_lines.ts";
import { LineOutput } from "./stdout.ts";

/** For pipes and logs: lines in, lines out, no terminal. */
export class PlainFace implements Face {
  readonly #output = new LineOutput();
  #handler: FaceHandler | undefined;

  open(handler: FaceHandler): void {
    this.#handler = handler;
    readStdinLines(handler);
  }

  show(event: ClientEvent): void {
    if (!this.#output.write(renderClientEvent(event))) this.#handler?.outputLost();
  }

  help(): void {
    this.#output.write(renderHelp());
  }

  close(): Promise<void> {
    return this.#output.drained();
  }
}
