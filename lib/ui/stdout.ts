import { Outbox } from "../net/outbox.ts";

const encoder = new TextEncoder();

/** Bytes that may wait for whoever reads our output: hours of a busy room. Past it nobody reads. */
const MAX_QUEUED_BYTES = 16 * 1_024 * 1_024;
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

  /**
   * Queues lines.
   *
   * @returns whether anybody still reads
   */
  write(lines: readonly string[]): boolean {
    if (this.#outbox.queued > MAX_QUEUED_BYTES) return false;
    this.#outbox.send(encodeLines(lines));
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
