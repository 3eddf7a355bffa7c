/**
 * Why a connection to the registry came to its end: every one ends for exactly one of these.
 *
 * - `quit`: its client said so; `ended`: end of file or a reset
 * - `idle`, `slow`, `flood`, `full`, `bad-frame`, `no-classic`, `closing`: the errors of these names
 * - `no-dialect`: its first byte was nobody's; `errors`: too many of them before it had registered
 * - `taken-over`: it did not answer when another session of its key came
 * - `resumed`: its user came back on another connection while it was still open
 */
export type CloseReason =
  | "quit"
  | "ended"
  | "idle"
  | "slow"
  | "flood"
  | "full"
  | "bad-frame"
  | "no-dialect"
  | "no-classic"
  | "errors"
  | "taken-over"
  | "resumed"
  | "closing";

/** What happens at a registry, for those who run it. */
export type RegistryEvent =
  | {
    readonly event: "join";
    readonly username: string;
    readonly ip: string;
    readonly udpPort: number;
  }
  | {
    readonly event: "leave";
    readonly username: string;
    readonly ip: string;
    readonly udpPort: number;
    /** Of one who was dropped: the reason of that. */
    readonly reason: CloseReason;
  }
  /** A user's connection is lost, name and place are kept: a `resume` follows, or a `leave`. */
  | {
    readonly event: "drop";
    readonly username: string;
    readonly ip: string;
    readonly udpPort: number;
    readonly reason: CloseReason;
  }
  /** A dropped user is back. */
  | {
    readonly event: "resume";
    readonly username: string;
    readonly ip: string;
    readonly udpPort: number;
  }
  | { readonly event: "error"; readonly code: string; readonly message: string };
