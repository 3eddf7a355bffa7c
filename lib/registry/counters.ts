import type { ErrorCode } from "../protocol/error.ts";
import type { PartedReason, UnpassedReason } from "../protocol/relay.ts";
import type { CloseReason } from "./events.ts";

/**
 * Why a datagram to a registry is not answered:
 *
 * - `malformed`: it is none that asks for an observation
 * - `unknown-token`, `used-up`: its token was never given out or is not good any more; has been used often enough
 * - `too-short`: the answer would be longer
 * - `flood`: its sender, or whoever is named as such, has been answered often enough
 */
export type ObservationDrop = "malformed" | "unknown-token" | "used-up" | "too-short" | "flood";

/**
 * What a registry has done since it started, as plain numbers: no I/O, no clock. The machine is given one as its
 * option `counters` and adds to it as things happen (`counters.joins++`, `counters.closes[reason]++`); whoever serves
 * `--metrics` reads the same object. Numbers only rise, `queueHighWater` included.
 *
 * How many are here now is not counted: it is asked of those who know (`Registry.size`).
 */
export class Counters {
  // Connections: `registry.ts`, at `open`, `receive` and where a connection gets its reason.

  /** Connections opened, those turned away included. */
  connections = 0;
  /** Connections closed, by reason; each counts once. */
  readonly closes: Record<CloseReason, number> = {
    "quit": 0,
    "ended": 0,
    "idle": 0,
    "slow": 0,
    "flood": 0,
    "full": 0,
    "bad-frame": 0,
    "no-dialect": 0,
    "no-classic": 0,
    "errors": 0,
    "taken-over": 0,
    "resumed": 0,
    "closing": 0,
  };
  /** What was refused, by code: each message, and each connection that is told an error; also where it is not told. */
  readonly refused: Record<ErrorCode, number> = {
    "bad-frame": 0,
    "bad-message": 0,
    "bad-proof": 0,
    "bad-name": 0,
    "name-taken": 0,
    "already-registered": 0,
    "not-registered": 0,
    "bad-length": 0,
    "too-long": 0,
    "bad-sender": 0,
    "flood": 0,
    "slow": 0,
    "full": 0,
    "no-classic": 0,
    "idle": 0,
    "no-session": 0,
    "taken-over": 0,
    "closing": 0,
  };
  /** Bytes that arrived. */
  bytesIn = 0;
  /** Heartbeats and questions of a takeover. */
  pings = 0;

  /** Times that accepting began to fail, file descriptors having run out: `serve.ts`. */
  acceptFailures = 0;

  // Users: `registry.ts`, beside the events of the same names.

  /** Users who came in; not those who resumed. */
  joins = 0;
  /** Users who left for good, also by their grace running out. */
  leaves = 0;
  /** Users whose connection was lost and who keep name and place for a while. */
  drops = 0;
  /** Those of them who came back in time. */
  resumes = 0;

  // Messages: where they are taken, and the fan-out.

  /** Broadcasts taken, repeats not included. */
  broadcasts = 0;
  /** Broadcasts that had been taken before, by sender and message id. */
  repeats = 0;
  /** Broadcasts handed to recipients: each counts once for each of them. */
  deliveries = 0;
  /** Bytes handed to connections to be written, of whatever kind. */
  bytesOut = 0;
  /** Recipients told that they have missed something. */
  gaps = 0;
  /** Broadcasts that were missed so. */
  missed = 0;

  // Private links through here: `relay.ts`.

  /** Links that both had asked for. */
  relayLinks = 0;
  /** Links, and wishes for one, that ended: by reason. */
  readonly relayEnds: Record<PartedReason, number> = {
    "closed": 0,
    "gone": 0,
    "lost": 0,
    "expired": 0,
    "full": 0,
    "window": 0,
    "rate": 0,
    "bytes": 0,
    "time": 0,
    "slow": 0,
  };
  /** RELAYs taken, and bytes of their payloads. */
  relayed = 0;
  relayedBytes = 0;
  /** Offers and answers handed on. */
  passed = 0;
  /** Those that were not: by reason. */
  readonly unpassed: Record<UnpassedReason, number> = { "gone": 0, "unable": 0, "busy": 0 };

  /** Bytes: the most that has ever waited for one client. */
  queueHighWater = 0;

  // Observation: `observatory.ts`.

  /** Clients told by UDP where they are seen. */
  observations = 0;
  /** Datagrams that were not answered, by reason. */
  readonly observationDrops: Record<ObservationDrop, number> = {
    "malformed": 0,
    "unknown-token": 0,
    "used-up": 0,
    "too-short": 0,
    "flood": 0,
  };

  /** `bytes` wait for one client now. */
  queued(bytes: number): void {
    if (bytes > this.queueHighWater) this.queueHighWater = bytes;
  }
}
