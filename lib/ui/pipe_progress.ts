import { steadyNow } from "../net/alarm.ts";
import type { PipeProgress } from "../peer/pipe_task.ts";
import { writeLines } from "./stdout.ts";

/** Between two looks at how far it is, in milliseconds. */
const LOOK_MS = 250;
/** Carriage return, and erase to the end of the line (ECMA-48). */
const REWRITE = "\r\x1b[K";

/** One line on a terminal that tells how far a pipe is; dispose of it to leave the last one there. */
export class PipeProgressLine implements Disposable {
  readonly #look: () => PipeProgress;
  readonly #startedAt = steadyNow();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(look: () => PipeProgress) {
    this.#look = look;
    this.#timer = setInterval(() => this.#write(""), LOOK_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#write("\n");
  }

  #write(end: string): void {
    const line = progressText(this.#look().total, steadyNow() - this.#startedAt);
    const bytes = new TextEncoder().encode(REWRITE + line + end);
    try {
      Deno.stderr.writeSync(bytes);
    } catch {
      // A terminal that is gone: there is nobody to tell.
    }
  }
}

/** `1,234,567 bytes, 3.2 MB/s, 0:07`. */
export function progressText(total: number, ms: number): string {
  const seconds = ms / 1_000;
  const rate = seconds > 0 ? (total / seconds / 1e6).toFixed(1) : "0.0";
  const whole = Math.floor(seconds);
  const time = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  return `${countText(total)} bytes, ${rate} MB/s, ${time}`;
}

/** A number with `,` between thousands. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** Says something on standard error. */
export function note(text: string): void {
  writeLines([text], Deno.stderr);
}
