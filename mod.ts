/**
 * A peer-to-peer chat: a small registry where clients meet, and private chats that run directly between
 * two of them. This module is the library; `server.ts` and `client.ts` are the programs.
 *
 * ```ts
 * import { joinRegistry, startRegistry } from "./mod.ts";
 *
 * await using registry = startRegistry({ hostname: "127.0.0.1", port: 0 });
 * const { port } = registry.addr;
 * await using ann = await joinRegistry({ port, username: "ann" });
 * await using bob = await joinRegistry({ port, username: "bob", accept: "all" });
 * const heard = bob.events();
 * ann.chat("bob", "hello");
 * for await (const event of heard) {
 *   if (event.event === "private") {
 *     console.log(`${event.from}: ${event.text}`);
 *     break;
 *   }
 * }
 * ```
 *
 * @module
 */
export { type RegistryOptions, RunningRegistry, startRegistry } from "./lib/registry/serve.ts";
export type { RegistryLimits } from "./lib/registry/limits.ts";
export type { CloseReason, RegistryEvent } from "./lib/registry/events.ts";
export {
  Client,
  ClientError,
  type ClientOptions,
  type JoinOptions,
  joinRegistry,
} from "./lib/peer/client.ts";
export { type ClientKeys, type KeyOptions, openKeys } from "./lib/peer/client_keys.ts";
export type { AcceptPolicy, ClientCommand, RelayPolicy, TrustVerb } from "./lib/peer/commands.ts";
export type { Attempt, AttemptKind, AttemptStep } from "./lib/peer/attempts.ts";
export { ATTEMPT_OUTCOMES } from "./lib/peer/attempts.ts";
export { DROP_REASONS, type DropReason } from "./lib/peer/drops.ts";
export type { Outcome } from "./lib/peer/engine.ts";
export type {
  BlockEvent,
  BroadcastEvent,
  ByeEvent,
  ClientEvent,
  ErrorEvent,
  GapEvent,
  InviteEvent,
  Path,
  Peer,
  PeersEvent,
  PresenceEvent,
  PrivateEvent,
  RegisteredEvent,
  ReplayEvent,
  ResumedEvent,
  SessionEvent,
  TrustEvent,
  WhoamiEvent,
  WhyEvent,
  WireEvent,
  WiretapEvent,
} from "./lib/peer/events.ts";
export type { ClientPipe } from "./lib/peer/client_pipe.ts";
export type { PipeEnd, PipeHandler, PipeProgress, PipeTask } from "./lib/peer/pipe_task.ts";
export { SESSION_REASONS, type SessionReason } from "./lib/peer/reasons.ts";
export type { Identity, SigningContext } from "./lib/crypto/identity.ts";
export type { Trust } from "./lib/store/trust_book.ts";
export { IdentityError, type IdentityErrorCode } from "./lib/store/identities.ts";
export type { Store } from "./lib/store/store.ts";
export { type ErrorCode, ProtocolError } from "./lib/protocol/error.ts";
export type { Endpoint } from "./lib/protocol/address.ts";
export type { User } from "./lib/protocol/message.ts";
