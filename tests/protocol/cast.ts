/**
 * Who and what the examples of `docs/PROTOCOL.md` and the rows of the vectors speak of.
 *
 * @module
 */

/** A user on IPv4, as everybody sees one. */
export const ANN = { username: "ann", ip: "127.0.0.1", udpPort: 5001 };
/** Another. */
export const BOB = { username: "bob", ip: "192.0.2.7", udpPort: 5005 };
/** A user on IPv6. */
export const EVE = { username: "eve", ip: "::1", udpPort: 5002 };

/** The nonce of a client's CAPS. */
export const CLIENT_NONCE = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf";
/** Of ann in the roster. */
export const ANN_SESSION = "a0a1a2a3a4a5a6a7";
/** Of bob. */
export const BOB_SESSION = "b0b1b2b3b4b5b6b7";
/** Of anybody else. */
export const OTHER_SESSION = "0123456789abcdef";
/** Of the private key `aa` x 32. */
export const ANN_KEY = "e734ea6c2b6257de72355e472aa05a4c487e6b463c029ed306df2f01b5636b58";
/** Of the private key `bb` x 32. */
export const BOB_KEY = "7d59c5623dd40a74aa4d5a32ac645d3b3f95daeae4c22be25476dd6a486f7382";
