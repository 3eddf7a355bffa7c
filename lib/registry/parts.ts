import type { Clock } from "./clock.ts";
import type { Connections } from "./connections.ts";
import type { Counters } from "./counters.ts";
import type { RegistryEvent } from "./events.ts";
import type { Fanout } from "./fanout.ts";
import type { LastingSessions } from "./lasting_sessions.ts";
import type { RegistryCoreOptions } from "./options.ts";
import type { Relay } from "./relay.ts";
import type { RoomLog } from "./room_log.ts";

/** What the parts of a registry that know its users have in common. */
export interface RegistryParts {
  readonly options: RegistryCoreOptions;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly connections: Connections;
  readonly fanout: Fanout;
  readonly log: RoomLog;
  readonly lasting: LastingSessions;
  readonly relay: Relay;
  readonly onEvent: (event: RegistryEvent) => void;
}
