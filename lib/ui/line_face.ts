import process from "node:process";
import * as readline from "node:readline";
import type { ClientEvent } from "../peer/events.ts";
import type { Face, FaceHandler } from "./face.ts";
import { renderClientEvent, renderHelp, renderPrompt } from "./render.ts";

/** What node:readline keeps of the rows that the typed line took when it was last painted. */
interface Painted {
  prevRows?: number;
}

/**
 * For a terminal: what arrives is printed above the line being typed. There is one writer to the
 * screen: take the typed line off, print, put it back.
 */
export class LineFace implements Face {
  readonly #readline = readline.createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    prompt: renderPrompt([]),
  });
  /** Peers whose private chat is not encrypted. */
  readonly #inTheClear = new Set<string>();
  #open = true;

  open(handler: FaceHandler): void {
    this.#readline.on("line", (line) => {
      handler.line(line);
      this.#prompt();
    });
    // readline paints a typed character without noticing that a wide one has wrapped to the next row.
    process.stdin.on("keypress", this.#noteRows);
    this.#readline.on("SIGINT", () => handler.interrupted());
    this.#readline.on("close", () => {
      if (!this.#open) return;
      this.#open = false;
      handler.inputEnded();
    });
    this.#prompt();
  }

  show(event: ClientEvent): void {
    if (event.event === "session" && !event.encrypted) {
      if (event.state === "open") this.#inTheClear.add(event.peer);
      else this.#inTheClear.delete(event.peer);
      this.#eraseTyped();
      this.#readline.setPrompt(renderPrompt([...this.#inTheClear]));
    }
    this.#print(renderClientEvent(event));
  }

  help(): void {
    this.#print(renderHelp());
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#open = false;
    process.stdin.off("keypress", this.#noteRows);
    this.#eraseTyped();
    this.#readline.close();
    return Promise.resolve();
  }

  #print(lines: readonly string[]): void {
    this.#eraseTyped();
    process.stdout.write(lines.map((line) => line + "\n").join(""));
    if (this.#open) this.#readline.prompt(true);
  }

  #prompt(): void {
    if (this.#open) this.#readline.prompt();
  }

  /** Takes prompt and typed line off the screen; the cursor is where they began. */
  #eraseTyped(): void {
    const { rows } = this.#readline.getCursorPos();
    readline.moveCursor(process.stdout, 0, -rows);
    readline.cursorTo(process.stdout, 0);
    readline.clearScreenDown(process.stdout);
    // The line will be painted from here: readline must not go up to where it was.
    (this.#readline as Painted).prevRows = 0;
  }

  readonly #noteRows = (): void => {
    if (this.#open) (this.#readline as Painted).prevRows = this.#readline.getCursorPos().rows;
  };
}
