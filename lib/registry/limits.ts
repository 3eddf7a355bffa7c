/**
 * How much a registry takes from whom. What one message may be is in `lib/protocol/limits.ts`.
 *
 * @module
 */

/** What flags set: limits, of which 0 lifts one, and who is served. */
export interface RegistryLimits {
  /**
   * Registered clients. One room of 5,000 was measured to fill and to serve on two cores.
   * @default {5000}
   */
  readonly maxClients: number;
  /**
   * Connections of one IPv4 address or IPv6 /64; at most half as many new ones in 10 s. An office
   * behind one address fits; a single host cannot take all places.
   * @default {64}
   */
  readonly maxPerIp: number;
  /**
   * Messages of one client per second, bursts of twice that and of 5 at least; 0 also lifts the limit
   * on bytes. Nobody types as fast; ngIRCd allows about 1.
   * @default {10}
   */
  readonly messageRate: number;
  /**
   * Whether clients of the original program are served.
   * @default {true}
   */
  readonly classic: boolean;
  /**
   * The last messages to the room that newcomers are given if they ask, at most 4,096; 0: none, and none are
   * remembered once nobody is here who could miss some.
   * @default {50}
   */
  readonly replay: number;
  /**
   * Whether private links go through this registry where two clients cannot reach each other.
   * @default {"fallback"}
   */
  readonly relay: "fallback" | "never";
}

/** The limits of a registry that is told nothing else. */
export const DEFAULT_LIMITS: RegistryLimits = {
  maxClients: 5_000,
  maxPerIp: 64,
  messageRate: 10,
  classic: true,
  replay: 50,
  relay: "fallback",
};

/** From connecting to the first complete message, in milliseconds: a program sends it at once. */
export const FIRST_MESSAGE_MS = 5_000;

/** From connecting to being registered, in milliseconds: time to correct a name by hand. */
export const REGISTRATION_MS = 60_000;

/**
 * From a PING to the end of who has not answered it, in milliseconds: a program answers at once, and the newcomer
 * of the same key waits for it.
 */
export const PONG_MS = 500;

/** Errors before registration until the connection is closed: who gets nothing right is no client. */
export const MAX_ERRORS_UNREGISTERED = 10;

/** Bytes waiting for one client: a quarter of a megabyte is seconds of a busy room. */
export const MAX_QUEUED_BYTES = 262_144;

/**
 * Over so many bytes waiting a client is busy: it is told no joins and leaves by themselves. At or under them it is
 * given what it has missed. A quarter of the bound: the link goes on writing while we fetch more.
 */
export const LOW_WATER_BYTES = 65_536;

/** Bytes that one step of catching up adds: with those that wait already, half the bound. */
export const CATCH_UP_BYTES = 65_536;

/** What a client that catches up may take to come down to {@linkcode LOW_WATER_BYTES}, in milliseconds. */
export const CATCH_UP_MS = 10_000;

/**
 * Between two writes of joins and leaves alone, in milliseconds: nobody sees that they come later, and a storm of
 * them costs 50 writes a second and member instead of one each.
 */
export const PRESENCE_FLUSH_MS = 20;

/**
 * The same for each member of a large room, in milliseconds: a write costs 5 us, so they take a tenth of the processor
 * at most. In a room of 5,000 that is 250 ms; filling it takes half the time, and a quarter less memory, than with 100.
 */
export const PRESENCE_FLUSH_MS_PER_MEMBER = 0.05;

/** Joins and leaves kept from a busy client at most: half the bound, with the longest names. */
export const MAX_WITHHELD = 500;

/**
 * Joins and leaves that who comes back is told as what they come to: each is encoded for it alone, in 8 us and 130 bytes
 * or, with the longest names, four times that. Over so many it is told ROSTER, of which all but the start is shared.
 */
export const MAX_SUMMARY_CHANGES = 500;

/** Joins and leaves remembered: a room of 5,000 that comes anew is told anew. */
export const PRESENCE_LOG_CHANGES = 4_096;

/** Broadcasts remembered, and bytes of them: half a minute of a very busy room. */
export const HISTORY_MESSAGES = 4_096;
export const HISTORY_BYTES = 4_194_304;

/** A session's own broadcasts that it knows by number: as many as our client has unacknowledged. */
export const OWN_BROADCASTS = 256;

/** Runs of senders remembered, and of one sender: a program has one, a person few programs. */
export const MAX_RUNS = 20_000;
export const MAX_RUNS_OF_SENDER = 16;
/** Refused messages of a run that are refused again: as many as our client has unacknowledged. */
export const REFUSALS_OF_RUN = 256;

/**
 * Refused messages remembered, of all runs: 4 MB of them. A full memory of runs, each full of refusals, would take
 * 188 MB, and anybody could fill it.
 */
export const MAX_REFUSALS = 20_000;

/**
 * Sessions of one key that are kept without a connection: more programs than a person runs. Of one address as many
 * as it may have connections: who leaves sessions behind takes no more places than who stays.
 */
export const MAX_DROPPED_OF_KEY = 8;

/** Tokens remembered of sessions that have lost their name to another one of their key: 2 MB of them. */
export const MAX_TAKEN_OVER = 10_000;

/** Silence before a PING, and before a connection counts as dead, in milliseconds: two PINGs may be lost. */
export const PING_AFTER_MS = 15_000;
export const DEAD_AFTER_MS = 45_000;
/** Between two looks at who is silent, in milliseconds. */
export const HEARTBEAT_SWEEP_MS = 1_000;

/** What clients are asked to wait when the registry stops, in seconds: they add a random time of their own. */
export const RETRY_SECONDS = 1;

/** Bytes of one write to the original program: it reads 1,024 at a time. */
export const CLASSIC_WRITE_BYTES = 1_000;
/**
 * Between two such writes, in milliseconds, where they are not ASCII: with 2 none of 8 runs on loopback lost
 * a character, with none all did. 5 leaves room for a busier machine and is still 200 kB a second.
 */
export const CLASSIC_GAP_MS = 5;

/**
 * An observation's token: how long it is good, in milliseconds, and for how many datagrams. Two ports from two sockets, each
 * asked four times at most over a lossy line, take half the time of a slow one.
 */
export const OBSERVATION_MS = 30_000;
export const OBSERVATION_USES = 16;
/** Tokens at a time: each connection has one at most; twice as many as users by default, in 2 MB. */
export const MAX_OBSERVATION_TOKENS = 10_000;
/** Answers by UDP to one IPv4 address or IPv6 /64 a second, and at once: 16 clients of one household that start together. */
export const OBSERVATIONS_PER_SECOND = 20;
export const OBSERVATIONS_BURST = 100;
/**
 * Datagrams read of each port a second: a flood of more takes 3 % of the processor, a room of 5,000 that comes anew is
 * served in seconds. What is lost in a flood is asked again.
 */
export const DATAGRAMS_PER_SECOND = 1_000;
/** Addresses of which that is remembered. */
export const MAX_OBSERVED_ADDRESSES = 10_000;

/** Bytes of one client per second, and at once: ten texts of average length; eight of the longest. */
export const BYTES_PER_SECOND = 32_768;
export const BYTES_BURST = 131_072;

/**
 * Messages of one client at once, however low the rate: CAPS, IDENTITY and REGISTER go in one write, and the
 * last two once more where the name is taken.
 */
export const MIN_MESSAGES_BURST = 5;

/** After one telling of `flood`, this long without another, in milliseconds. */
export const FLOOD_TELL_MS = 1_000;

/** Refused messages within the window until a flooding client is cut, and the window in milliseconds. */
export const FLOOD_CUT_REFUSALS = 100;
export const FLOOD_CUT_WINDOW_MS = 10_000;

/** The window of the limit on new connections, in milliseconds. */
export const NEW_CONNECTIONS_WINDOW_MS = 10_000;

/**
 * Connections over a limit that are kept until they have spoken, to be told why in their dialect.
 * Further ones are closed without a word.
 */
export const MAX_TURNED_AWAY = 64;

/** Days that a name is kept for its key after its last use: a holiday, and no name is lost to it. */
export const BINDING_DAYS = 30;

/** Names newly kept for one address in a day: a household fits; one host cannot take all names. */
export const NEW_BINDINGS_PER_DAY = 5;

/**
 * Names that are kept at most. A binding takes up to 270 bytes in the store, its key included: half of the 10 MB
 * that it holds, which the other programs of its folder share.
 */
export const MAX_BINDINGS = 20_000;

/**
 * Weight that may be under way in one direction of a relayed link, and so what waits for a slow reader here at most. At
 * 100 ms there and back it is 640 KiB a second, more than the rate; TURN servers hold a socket buffer each, which is as much.
 */
export const RELAY_WINDOW = 65_536;

/**
 * Weight a second of all that one session says on its links, and at once: a file of a megabyte in four seconds, and a
 * hundred such senders are a fifth of a 1 Gbit/s line. Eight times what a client may broadcast, as it goes to one and not to all.
 */
export const RELAY_WEIGHT_PER_SECOND = 262_144;
export const RELAY_WEIGHT_BURST = 524_288;

/** Weight in one direction of one link: four minutes at the full rate. A chat of a day is a hundredth of that. */
export const RELAY_TOTAL = 67_108_864;

/** Weight of two keys' links in both directions in an hour, and how many such pairs are remembered: 1 MB of them. */
export const RELAY_PAIR_TOTAL = 268_435_456;
export const RELAY_PAIR_MS = 3_600_000;
export const MAX_RELAY_PAIRS = 4_096;

/** How long one link lasts, in seconds: longer than TURN's 10 minutes without a refresh, shorter than a forgotten chat. */
export const RELAY_SECONDS = 3_600;

/** From the first MEET to the second, in milliseconds: both know of the offer by then, and were asked before. */
export const MEET_MS = 30_000;

/** How long what waits for a link's reader may stay where it is, in milliseconds: as who catches up ({@linkcode CATCH_UP_MS}). */
export const RELAY_STALL_MS = 10_000;

/** Links of one session, open or waited for: as many as our client has open invitations. */
export const MAX_LINKS_OF_SESSION = 16;
/** Links in all: with 1,000 a fifth of a full room is in a chat that cannot be had directly. */
export const MAX_LINKS = 1_000;
/** MEETs in all that wait for the other one: four for each link. */
export const MAX_MEETINGS = 4_000;

/** Weight that waits on all links together: a quarter of what MAX_LINKS windows of both directions would be. */
export const MAX_RELAY_QUEUED = 33_554_432;

/** Offers and answers that one client is passed in a second, and at once: our client shows 16 invitations. */
export const PASSED_PER_SECOND = 10;
export const PASSED_BURST = 40;
