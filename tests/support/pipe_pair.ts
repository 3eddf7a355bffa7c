import type { SessionReason } from "../../lib/peer/reasons.ts";
import { PipeSink } from "../../lib/peer/pipe_sink.ts";
import { PipeSource } from "../../lib/peer/pipe_source.ts";
import type { SealedLinkOptions } from "../../lib/peer/sealed_link.ts";
import { IDENTITIES, NAMES, OFFER, otherRole, type Role, STATICS } from "./sealed_pair.ts";
import { keyPair } from "../../lib/crypto/x25519.ts";

const EPHEMERALS = { dialler: 0xb2, listener: 0xa2 } as const;

/** What a link between ann, who sends, and bob, who takes, begins with. */
export function pipeOptions(role: Role): SealedLinkOptions {
  return {
    role,
    self: NAMES[role],
    identity: IDENTITIES[role],
    staticKey: STATICS[role],
    ephemeral: keyPair(new Uint8Array(32).fill(EPHEMERALS[role])),
    peer: NAMES[otherRole(role)],
    peerKey: IDENTITIES[otherRole(role)].publicKey,
    offer: OFFER,
    refuse: () => undefined,
  };
}

/** The machine that sends, and what it told. */
export class SourceSide {
  readonly outbox: Uint8Array[] = [];
  readonly closed: ("done" | SessionReason)[] = [];
  opened = 0;
  readonly wire: PipeSource = new PipeSource(pipeOptions("listener"), {
    send: (bytes) => void this.outbox.push(bytes),
    opened: () => void this.opened++,
    closed: (reason) => void this.closed.push(reason),
  });

  /** Sends a text as bytes. */
  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.wire.room.set(bytes);
    this.wire.filled(bytes.length);
  }
}

/** The machine that takes, and what it told. */
export class SinkSide {
  readonly outbox: Uint8Array[] = [];
  readonly closed: ("done" | SessionReason)[] = [];
  opened = 0;
  complete = 0;
  taken = "";
  readonly wire: PipeSink = new PipeSink(pipeOptions("dialler"), {
    send: (bytes) => void this.outbox.push(bytes),
    opened: () => void this.opened++,
    bytes: (bytes) => void (this.taken += new TextDecoder().decode(bytes)),
    complete: () => void this.complete++,
    closed: (reason) => void this.closed.push(reason),
  });
}

/** Both, wired back to back. */
export class PipePair {
  readonly source = new SourceSide();
  readonly sink = new SinkSide();
  now = 0;

  constructor() {
    this.carry();
  }

  /** Carries all that is there to carry, and what comes of it. */
  carry(): void {
    while (this.source.outbox.length + this.sink.outbox.length > 0) {
      for (const frame of this.source.outbox.splice(0)) this.sink.wire.receive(frame, this.now);
      for (const frame of this.sink.outbox.splice(0)) this.source.wire.receive(frame, this.now);
    }
  }
}
