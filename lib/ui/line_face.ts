import process from "node:process";
import * as readline from "node:readline";
import type { ClientEvent } from "../peer/events.ts";
import type { Face, FaceHandler } from "./face.ts";
import { renderClientEvent, renderHelp } from "./render.ts";

/**
 * For a terminal: what arrives is printed above the line being typed. There is one writer to the
 * screen: take the typed line off, print, put it back.
 */
export class LineFace implements Face {
  readonly #readline = readline.createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    prompt: "> ",
  });
  #open = true;

  open(handler: FaceHandler): void {
    this.#readline.on("line", (line) => {
      handler.line(line);
      this.#prompt();
    });
    this.#readline.on("SIGINT", () => handler.interrupted());
    this.#readline.on("close", () => {
      if (!this.#open) return;
      this.#open = false;
      handler.inputEnded();
    });
    this.#prompt();
  }

  show(event: ClientEvent): void {
    this.#print(renderClientEvent(event));
  }

  help(): void {
    this.#print(renderHelp());
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#eraseTyped();
    this.#readline.close();
  }

  #print(lines: readonly string[]): void {
    const rows = this.#eraseTyped();
    process.stdout.write(lines.map((line) => line + "\n").join(""));
    if (!this.#open) return;
    // readline goes up as many rows as the line took before it repaints: be so many rows below.
    process.stdout.write("\n".repeat(rows));
    this.#readline.prompt(true);
  }

  #prompt(): void {
    if (this.#open) this.#readline.prompt();
  }

  /** Takes prompt and typed line off the screen; says how many rows above the cursor they began. */
  #eraseTyped(): number {
    const { rows } = this.#readline.getCursorPos();
    readline.moveCursor(process.stdout, 0, -rows);
    readline.cursorTo(process.stdout, 0);
    readline.clearScreenDown(process.stdout);
    return rows;
  }
}
