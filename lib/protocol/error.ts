/** Every code of the error table, `docs/PROTOCOL.md` section 5. */
export type ErrorCode =
  | "bad-frame"
  | "bad-message"
  | "bad-proof"
  | "bad-name"
  | "name-taken"
  | "already-registered"
  | "not-registered"
  | "bad-length"
  | "too-long"
  | "bad-sender"
  | "flood"
  | "slow"
  | "full"
  | "no-classic"
  | "idle"
  | "no-session"
  | "taken-over"
  | "closing";

/**
 * The other side misbehaved: what it sent is refused with {@linkcode ProtocolError.code}. A misuse of
 * a function of this project is a `RangeError` or `TypeError` instead, never this.
 */
export class ProtocolError extends Error {
  /** The class, for messages. */
  override readonly name = "ProtocolError";
  /** The code for programs; the message is for people and holds nothing the other side sent. */
  readonly code: ErrorCode;

  /** A refusal with its code; `message` holds nothing the other side sent. */
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** Whether the stream can no longer be trusted, so that the connection has to end. */
  get fatal(): boolean {
    return this.code === "bad-frame" || this.code === "no-classic";
  }
}
