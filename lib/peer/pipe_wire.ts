import type { UserKey } from "../protocol/keyed.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { formatPipe, parsePipe, type PipeMessage } from "../protocol/pipe.ts";
import { PipePulse } from "./pipe_pulse.ts";
import { reasonOf, type SessionReason } from "./reasons.ts";
import { SealedLink, type SealedLinkHandler, type SealedLinkOptions } from "./sealed_link.ts";

/** What a link for bytes reports. */
export interface PipeWireHandler extends Pick<SealedLinkHandler, "send" | "opened"> {
  /** It is over: all arrived, or why not. */
  closed(reason: "done" | SessionReason): void;
}

/** What both ends of a link for bytes have in common: `docs/PROTOCOL.md` 9.5. No sockets. */
export abstract class PipeWire {
  protected readonly link: SealedLink;
  #pulse: PipePulse | undefined;
  #now = 0;

  constructor(options: SealedLinkOptions, handler: PipeWireHandler) {
    this.link = new SealedLink(
      options,
      {
        send: (bytes) => handler.send(bytes),
        opened: () => {
          this.#pulse = new PipePulse(this.#now);
          handler.opened();
        },
        message: (payload) => {
          const message = parsePipe(payload);
          if (message.verb === "CLOSE") this.link.peerClosed(reasonOf(message.reason));
          else this.heard(message);
        },
        closed: (reason) => handler.closed(reason),
      },
      new FrameDecoder({ keepsMemory: true }),
    );
  }

  /** Bytes of DATA that were sent, or came. */
  abstract readonly total: number;

  /** What an `ALIVE` of ours tells. */
  protected abstract readonly told: number;

  /** A message of the peer's after OPEN. */
  protected abstract heard(message: Exclude<PipeMessage, { verb: "CLOSE" }>): void;

  /** Bytes of the peer's, in any chunking. */
  receive(chunk: Uint8Array, now: number): void {
    this.#now = now;
    this.#pulse?.heard(now);
    this.link.receive(chunk);
  }

  /** Tells the peer why this ends; the caller ends the link. */
  close(reason: SessionReason): void {
    // What has arrived so far, for whoever wants to know.
    if (this.link.isOpen) this.say({ verb: "ALIVE", total: this.told });
    this.link.close(reason);
  }

  /** The key that the peer has proven to have. */
  get provenKey(): UserKey | undefined {
    return this.link.provenKey;
  }

  /** We leave what comes lying, or take it again. */
  deaf(isDeaf: boolean, now: number): void {
    this.#pulse?.deaf(isDeaf, now);
  }

  /** When {@linkcode timeout} wants to be called. */
  nextTimeout(): number | undefined {
    return this.link.isOpen ? this.#pulse?.nextTimeout() : undefined;
  }

  /** Does what is due at `now`. */
  timeout(now: number): void {
    if (!this.link.isOpen) return;
    const due = this.#pulse?.due(now);
    if (due === "say") this.say({ verb: "ALIVE", total: this.told });
    if (due === "gone") this.link.peerClosed("lost");
  }

  /** Sends a message. */
  protected say(message: PipeMessage): void {
    this.link.send(formatPipe(message));
  }
}
