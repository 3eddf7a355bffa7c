import { steadyNow } from "../net/alarm.ts";
import { Outbox } from "../net/outbox.ts";

const encoder = new TextEncoder();

/** Bytes that may wait for a reader of our output that takes none: hours of a busy room. */
const MAX_STALLED_BYTES = 16 * 1_024 * 1_024;
/** How long it may take none of them, in milliseconds, before nobody reads. */
const STALL_MS = 10_000;
/** Bytes that may wait for a reader that is only slow. */
const MAX_QUEUED_BYTES = 256 * 1_024 * 1_024;
/** How long a reader may take for what is queued at the end, in milliseconds. */
const DRAIN_MS = 2_000;

/**
 * Writes lines at once: for the few that come before an end.
 *
 * @returns whether that was possible
 */
export function writeLines(
  lines: readonly string[],
  stream: { writeSync(bytes: Uint8Array): number } = Deno.stdout,
): boolean {
  let bytes = encodeLines(lines);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
    return true;
  } catch {
    return false; // A closed pipe, a full disk: there is nobody to tell.
  }
}

/** Standard output for events: a reader that pauses does not stop the program. */
export class LineOutput {
  readonly #outbox = new Outbox(Deno.stdout);
  /** How much the reader has taken, and when it last took some. */
  #taken = { bytes: 0, at: 0 };

  /**
   * Queues lines.
   *
   * @returns whether anybody still reads
   */
  write(lines: readonly string[]): boolean {
    return this.send(encodeLines(lines));
  }

  /** Like {@linkcode write}, for bytes: a terminal is told more than lines. */
  send(bytes: Uint8Array): boolean {
    const { queued, written } = this.#outbox;
    const now = steadyNow();
    if (written !== this.#taken.bytes || queued === 0) this.#taken = { bytes: written, at: now };
    const stalled = queued > MAX_STALLED_BYTES && now - this.#taken.at > STALL_MS;
    if (stalled || queued > MAX_QUEUED_BYTES) return false;
    this.#outbox.send(bytes);
    return !this.#outbox.failed;
  }

  /** Resolves when all is written, or its reader has had its time. */
  async drained(): Promise<void> {
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, DRAIN_MS);
    await Promise.race([this.#outbox.drained(), timeout.promise]);
    clearTimeout(timer);
  }
}

function encodeLines(lines: readonly string[]): Uint8Array {
  return encoder.encode(lines.map((line) => line + "\n").join(""));
}
