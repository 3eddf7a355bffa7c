import type { PipeProgress } from "./pipe_task.ts";
import type { Pipes } from "./pipes.ts";

const NOTHING: PipeProgress = { total: 0, confirmed: 0 };

/**
 * The bytes that a client is there for. Sent: fill {@linkcode ClientPipe.room}, call {@linkcode ClientPipe.filled}, and
 * {@linkcode ClientPipe.finish} at the end. Taken: they come to the handler of the task.
 */
export interface ClientPipe {
  /** Where to put the next bytes to send, always the same memory; empty while there is no link. */
  room(): Uint8Array;
  /** Sends the first so many bytes in {@linkcode ClientPipe.room}; says whether more may be sent before `writable`. */
  filled(count: number): boolean;
  /** There are no more bytes to send. */
  finish(): void;
  /** Leaves what comes lying, or takes it again. */
  pause(isPaused: boolean): void;
  /** So many bytes in all were given away. */
  gave(total: number): void;
  /** All were given away, after `complete`. */
  delivered(): void;
  /** Ends it: our user does not want any more, or nobody reads the bytes. */
  cancel(reason: "quit" | "output-closed"): void;
  /** How far it is. */
  progress(): PipeProgress;
}

/**
 * The way to a client's bytes.
 *
 * @param settle to be called after each thing done
 */
export function clientPipe(
  { offering, taking }: Pipes,
  now: () => number,
  settle: () => void,
): ClientPipe {
  return {
    room: () => offering?.room ?? new Uint8Array(0),
    filled: (count) => {
      const mayGoOn = offering?.filled(count) ?? false;
      settle();
      return mayGoOn;
    },
    finish: () => {
      offering?.finish();
      settle();
    },
    pause: (isPaused) => {
      taking?.pause(isPaused, now());
      settle();
    },
    gave: (total) => taking?.gave(total),
    delivered: () => {
      taking?.delivered();
      settle();
    },
    cancel: (reason) => {
      (offering ?? taking)?.cancel(reason);
      settle();
    },
    progress: () => (offering ?? taking)?.progress ?? NOTHING,
  };
}
