import type { ClientEvent } from "../peer/events.ts";

/** What a face reports of its user. */
export interface FaceHandler {
  /** One line of input. */
  line(line: string): void;
  /** There is no more input. */
  inputEnded(): void;
  /** The user wants to leave, now. */
  interrupted(): void;
  /** Nobody reads the output any more. */
  outputLost(): void;
}

/** A way to show the client's events and to take its user's lines. */
export interface Face {
  /** Begins to read. */
  open(handler: FaceHandler): void;
  show(event: ClientEvent): void;
  /** Answers to what its user asked of the face itself. */
  tell(lines: readonly string[]): void;
  /** Stops reading and gives the terminal back; resolves when all was shown. */
  close(): Promise<void>;
}
