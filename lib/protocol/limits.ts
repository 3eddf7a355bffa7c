/**
 * What one message may be, whatever program sends it. The limits of a registry (how many clients,
 * how fast) are in `lib/registry/limits.ts`.
 *
 * @module
 */

/**
 * Payload of one frame, in bytes. 64 KiB holds the longest text four times over and keeps what one
 * connection can make us buffer small; NATS allows 1 MiB, IRC 512 bytes.
 */
export const MAX_FRAME_BYTES = 65_536;

/**
 * One line of the classic dialect without its CR LF, in bytes. The original reads 1,024 at a time
 * and sets no limit; 8 KiB is IRCv3's for tags, and what `telnet` users expect to be enough.
 */
export const MAX_LINE_BYTES = 8_192;

/** Text of one message, in Unicode code points: at most 16 KiB of UTF-8, so a quarter of a frame. */
export const MAX_TEXT_CODE_POINTS = 4_096;

/** A user name, in Unicode code points: what fits a column of a terminal (IRC: 9 to 30). */
export const MAX_NAME_CODE_POINTS = 32;

/**
 * One UDP datagram, in bytes. Below the 1,024 that the original reads, and below what any path
 * carries in one piece (IPv6 guarantees 1,280).
 */
export const MAX_DATAGRAM_BYTES = 1_000;

/**
 * Text of one message to a classic client, in bytes of UTF-8. It reads 1,024 at a time and decodes
 * each read by itself, so a longer text would be cut in the middle of a character more often.
 */
export const MAX_CLASSIC_TEXT_BYTES = 1_000;
