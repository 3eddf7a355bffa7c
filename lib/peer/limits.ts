/**
 * What a client takes and how long it waits: `docs/PROTOCOL.md` sections 7 to 11. Times in milliseconds.
 *
 * @module
 */

/** When an offer to a peer with a key is sent, counted from the first. */
export const OFFER_TIMES_KEYED: readonly number[] = [0, 250, 750, 1_750, 3_750, 7_750];
/** When an offer to any other peer is sent: the original dials once for each datagram it gets. */
export const OFFER_TIMES_CLASSIC: readonly number[] = [0, 3_000, 9_000];
/** From the first offer to giving up, where nothing was heard. */
export const GIVE_UP_KEYED_MS = 10_000;
export const GIVE_UP_CLASSIC_MS = 12_000;

/** Between repeats of an offer whose peer is being asked: often enough to hear soon of a lost "no". */
export const OFFER_POLL_MS = 5_000;
/** How long a user is asked: time to finish a sentence and look up. */
export const INVITE_MS = 60_000;
/** How long the one who offered waits for that, with slack for the way. */
export const PENDING_MS = 65_000;
/** From "accepted" to the link. */
export const LINK_MS = 10_000;

/**
 * Where offers cross, the higher name dials. If it does not for so long, it has not heard of our offer,
 * and its own is used.
 */
export const CROSSED_MS = 2_000;

/** So long after a chat was opened by our offer, one of the peer's may have been sent before it. */
export const LATE_OFFER_MS = 12_000;

/** Open invites at once: a screenful. */
export const MAX_INVITES = 16;

/** Sessions whose last offer is remembered, so that it cannot come again: four full rooms. */
export const MAX_REMEMBERED_SESSIONS = 20_000;
/**
 * Signatures of offers in the name of one session that are looked at: one costs 40 us. So many that it takes a
 * flood to keep out that session's own offers.
 */
export const OFFER_CHECKS_PER_SECOND = 500;
/** Names that look alike and are remembered as such: one is enough for a warning. */
export const MAX_LOOKALIKES = 4;
/** Names whose looks are remembered. */
export const MAX_LOOKS = 20_000;

/** From a link's opening to the end of its handshake, or to its name. */
export const HANDSHAKE_MS = 5_000;
/** What was tried, told by `/why`: things of one peer, and peers. A screenful; a busy evening. */
export const MAX_ATTEMPTS_OF_PEER = 20;
export const MAX_TRIED_PEERS = 64;
/** Links accepted for one offer that have not said who they are. */
export const MAX_UNNAMED_LINKS = 4;
/** Links of one classic peer: it opens one for each offer of ours that it got, at most three. */
export const MAX_CLASSIC_LINKS = 4;

/** From a classic link's name to its first text: its reader takes what one read brings as the name. */
export const CLASSIC_FIRST_TEXT_MS = 300;
/** Between two texts to a classic peer, so that one read of its does not bring both. */
export const CLASSIC_TEXT_GAP_MS = 100;

/**
 * From the end of a link with a classic peer to the next with it. When one of its links ends, the original
 * closes whichever is its newest to that name: a new one must not be there yet.
 */
export const CLASSIC_QUIET_MS = 150;
/** Offers of a classic peer so soon after its last link opened were meant for that one. */
export const CLASSIC_SAME_START_MS = 500;

/**
 * Bytes that may wait for a peer that does not read: what a file sent line by line may need; no more, or
 * a peer that sends and does not read could fill our memory by its echo.
 */
export const MAX_QUEUED_LINK_BYTES = 32 * 1_024 * 1_024;

/** From consent to asking the registry for a link, where none is open: a direct one across the world is there by then. */
export const RELAY_AFTER_MS = 300;
/** From an offer to sending it through the registry as well, where it was not acknowledged. */
export const PASS_AFTER_MS = 300;
/** How long a session without a link may find another one. */
export const RECOVERY_MS = 15_000;
/** Between two attempts at that. */
export const RECOVERY_STEP_MS = 1_000;
/** How long the port of an offer stays open for a direct link while the chat goes through the registry. */
export const LINGER_MS = 10_000;
/** PATHS of a peer's in one search: one before it knows how it is seen, one after. */
export const MAX_PATHS_HEARD = 2;
/** How often the round trip to the peer is measured in a search, and how far apart: the shortest is the line's own. */
export const PINGS = 4;
export const PING_GAP_MS = 150;
/** From the beginning of the search for a better way to telling where we listen, at the latest: the registry answers in a round trip or two. */
export const PATHS_AFTER_MS = 500;
/** From there to the first time that both dial each other at once: what can be dialled is connected by then. */
export const PUNCH_AFTER_MS = 800;
/** How long the peer may take to be ready for that: a round trip to us, two to the registry. */
export const GO_REPLY_MS = 1_500;
/** How long such a dial may take: a second one of the system's own is sent after a second. */
export const PUNCH_MS = 1_500;
/** Such attempts in a row. */
export const MAX_PUNCHES = 3;
/** How long a search lasts: three attempts, each of which took its longest. */
export const ROUND_MS = 10_000;
/** From a search that has found nothing to the next; the last one again and again. */
export const LADDER_PAUSES_MS: readonly number[] = [10_000, 30_000, 120_000, 300_000];
/** We tell what we have taken of a relayed link after such a share of its window, or so long: PROTOCOL.md 13.6. */
export const RELAY_TAKEN_SHARE = 0.25;
export const RELAY_TAKEN_AFTER_MS = 100;

/**
 * Texts in one session that the peer has not confirmed, and their bytes: a long log, line by line. Half of what may wait on
 * one link, where each has a frame around it.
 */
export const MAX_UNSEEN_TEXTS = 100_000;
export const MAX_UNSEEN_BYTES = 16 * 1_024 * 1_024;
/**
 * The peer is told of its texts so soon at the latest, and after so many: one small frame for sixteen, and whoever leaves
 * after a text hardly waits for it.
 */
export const SEEN_AFTER_MS = 50;
export const SEEN_AFTER_TEXTS = 16;

/** Texts that may wait for a chat to open, each of at most 4,096 code points. */
export const MAX_QUEUED_TEXTS = 100;
/** Users in a roster: no registry serves as many, and one that tells more wants our memory. */
export const MAX_ROSTER = 100_000;
/** Users who are gone and whose keys are remembered, for what they said before: four full rooms. */
export const MAX_REMEMBERED_KEYS = 20_000;
/** Broadcasts that may wait for their turn, or for the registry to come back: a long log, line by line. */
export const MAX_QUEUED_BROADCASTS = 10_000;
/**
 * Broadcasts that may be out without an answer: enough to fill a fast way (at 50 ms there and back 5,000 a second),
 * few enough to be sent again in one go.
 */
export const MAX_UNANSWERED = 256;

/** Messages a second that a registry takes if it does not tell, with bursts of twice that: the default of ours. */
export const DEFAULT_RATE = 10;
/** How much of that rate we use: the way there can bunch messages up. Our bursts are half of what it takes. */
export const PACE_SHARE = 0.9;
/** Bytes a second, and at once: somewhat under what a registry takes (32 KiB; 128 KiB). */
export const BYTES_PER_SECOND = 30_000;
export const BYTES_BURST = 64_000;

/** What CAPS, IDENTITY and RESUME are worth in that rate. */
export const GREETING_MESSAGES = 3;

/**
 * Bytes that may wait for a registry that does not read: twice what {@linkcode MAX_UNANSWERED} texts of the longest
 * can be. One that only asks for answers could fill our memory with them.
 */
export const MAX_QUEUED_REGISTRY_BYTES = 8 * 1_024 * 1_024;

/** Runs of one sender whose messages are known again: terminals of one person that talk in turns. */
export const MAX_RUNS_PER_SENDER = 16;
/** The same of all senders: four full rooms. */
export const MAX_REMEMBERED_RUNS = 20_000;

/**
 * From connecting, and from each byte that the registry sends then, to the next one or to being in the room: across the
 * world and through a busy registry it is there in two. A slow line may bring a long roster for minutes.
 */
export const JOIN_MS = 10_000;
/** So many bytes count for that: a roster of {@linkcode MAX_ROSTER} users with the longest names. */
export const MAX_JOIN_BYTES = 32 * 1_024 * 1_024;

/**
 * Before trying a lost registry again: a random part of so long, which doubles with each failure in a row up to the
 * longest.
 */
export const RECONNECT_FIRST_MS = 500;
export const RECONNECT_LONGEST_MS = 30_000;
/** A connection that has let us in and lasts so long is a success: one that ends sooner counts as a failure. */
export const SETTLED_MS = 1_000;

/** Without a byte from the registry for so long, and each time as long, we ask whether it is there; then it is not. */
export const SILENCE_MS = 15_000;
export const DEAD_MS = 45_000;

/**
 * From a quit by command or signal to the end, where a chat that was asked for is not open yet: whether it
 * ever will be is up to others.
 */
export const QUIT_OPENING_MS = 2_000;
/** At the end of input, how long broadcasts wait for a registry that is gone. */
export const QUIT_OFFLINE_MS = 60_000;
/** How long they wait for one that is there and acknowledges none. */
export const QUIT_UNANSWERED_MS = 30_000;
/** How long a peer may read nothing of what we have sent before we leave without it. */
export const QUIT_UNREAD_MS = 30_000;
/** Between looks at how much of that is still unread. */
export const FLUSH_POLL_MS = 50;
/** The same where messages still wait for their turn: 100 texts to a classic peer take so long. */
export const QUIT_SENDING_MS = 10_000;

/** Messages and gaps that wait for the end of what was said before we came: a registry that never ends it hides no more. */
export const MAX_HELD_EVENTS = 256;

/** Between two signs of life on a link for bytes, both ways: also how old what a sender knows of its receiver may be. */
export const PIPE_ALIVE_MS = 5_000;
/** Without any for so long, the other side is gone: its machine, or a program that was stopped. */
export const PIPE_SILENCE_MS = 60_000;
/** Who does so much later what was due was stopped itself, and listens first. */
export const PIPE_LATE_MS = 10_000;
/** Bytes that may wait for the peer of a link for bytes before its sender reads no more: 4 frames. */
export const MAX_QUEUED_PIPE_BYTES = 256 * 1_024;
/** Sessions of one name that are offered bytes at once. */
export const MAX_PIPE_OFFERS = 16;
