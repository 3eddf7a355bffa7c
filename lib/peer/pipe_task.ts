import type { SessionReason } from "./reasons.ts";

/** Bytes to be sent to a user, or to be taken of one: what a client can be there for besides talking. */
export interface PipeTask {
  /** Whether bytes go out or come in. */
  readonly direction: "send" | "receive";
  /** The name of the other one; any of its sessions, `~2` and so on, will do. */
  readonly peer: string;
  /** How long to wait for the other side's program, in milliseconds; `Infinity` for as long as it takes. */
  readonly waitMs: number;
  /** Told of everything. */
  readonly handler: PipeHandler;
}

/** Who hears of a pipe. None of these may throw. */
export interface PipeHandler {
  /** The link is there, with that session. */
  opened(peer: string): void;
  /** Bytes of the peer's; the array is not used again. */
  bytes(bytes: Uint8Array): void;
  /** All bytes have come, and are right: say `delivered` once they are given away. */
  complete(): void;
  /** More may be sent. */
  writable(): void;
  /** It is over; called once. */
  ended(end: PipeEnd): void;
}

/** How a pipe ended. */
export interface PipeEnd {
  /** `done`: all arrived, and both sides have the same hash. `key-changed` and so on also where it never opened. */
  readonly reason: "done" | "timeout" | "no-key" | SessionReason;
  /** Bytes that were sent, or that came. */
  readonly total: number;
  /** As a sender: how many of them the receiver has told of. */
  readonly confirmed: number;
  /** Whether there was a link at all. */
  readonly wasOpen: boolean;
}

/** How bytes are being sent or taken. */
export interface PipeProgress {
  /** Bytes that were sent, or that came. */
  readonly total: number;
  /** As a sender: how many of them the receiver has told of. */
  readonly confirmed: number;
}
