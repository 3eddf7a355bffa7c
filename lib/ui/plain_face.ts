import type { ClientEvent } from "../peer/events.ts";
import type { Face, FaceHandler } from "./face.ts";
import { renderClientEvent, renderHelp } from "./render.ts";
import { readStdinLines } from "./stdin_lines.ts";
import { writeLines } from "./stdout.ts";

/** For pipes and logs: lines in, lines out, no terminal. */
export class PlainFace implements Face {
  #handler: FaceHandler | undefined;

  open(handler: FaceHandler): void {
    this.#handler = handler;
    readStdinLines(handler);
  }

  show(event: ClientEvent): void {
    if (!writeLines(renderClientEvent(event))) this.#handler?.outputLost();
  }

  help(): void {
    writeLines(renderHelp());
  }

  close(): void {}
}
