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
export type { RegistryEvent } from "./lib/registry/registry.ts";
export { Client, ClientError, type ClientOptions, joinRegistry } from "./lib/peer/client.ts";
export type { AcceptPolicy, ClientCommand } from "./lib/peer/commands.ts";
export type { Outcome } from "./lib/peer/engine.ts";
export type {
  BroadcastEvent,
  ByeEvent,
  ClientEvent,
  ErrorEvent,
  InviteEvent,
  Path,
  PeersEvent,
  PresenceEvent,
  PrivateEvent,
  RegisteredEvent,
  SessionEvent,
} from "./lib/peer/events.ts";
export { type ErrorCode, ProtocolError } from "./lib/protocol/error.ts";
export type { User } from "./lib/protocol/message.ts";
