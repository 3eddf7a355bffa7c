/**
 * Every message of every kind as a value and as its bytes, written by hand from `docs/PROTOCOL.md`. What
 * is `documented` is an example on that page, byte for byte.
 *
 * @module
 */
import type { Datagram } from "../../lib/protocol/datagram.ts";
import type { ClientMessage, ServerMessage } from "../../lib/protocol/message.ts";
import type { PrivateMessage } from "../../lib/protocol/private.ts";

/** Who sends a message in which dialect, with the value that it stands for. */
export type Message =
  | { readonly kind: "client" | "classic client"; readonly value: ClientMessage }
  | { readonly kind: "server" | "classic server"; readonly value: ServerMessage }
  | { readonly kind: "datagram"; readonly value: Datagram }
  | { readonly kind: "private"; readonly value: PrivateMessage };

/** One message and its bytes, from the first of its header to the last of its line end. */
export type Vector = Message & {
  readonly name: string;
  /** In hexadecimal; spaces and line ends are for the reader. */
  readonly hex: string;
  /** Whether it is an example in `docs/PROTOCOL.md`. */
  readonly documented?: true;
};

/** The bytes that `hex` spells, whatever the white space in it. */
export function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.replace(/\s/g, ""));
}

const ANN = { username: "ann", ip: "127.0.0.1", udpPort: 5001 };
const BOB = { username: "bob", ip: "192.0.2.7", udpPort: 5005 };
const EVE = { username: "eve", ip: "::1", udpPort: 5002 };
const CLASSIC_BOB = { username: "bob", ip: "127.0.0.1", udpPort: 5001 };
const OFFER = "000102030405060708090a0b0c0d0e0f";

/** The table. */
// deno-fmt-ignore -- a row is what it is, what it says, its bytes.
export const VECTORS: readonly Vector[] = [
  { kind: "client", name: "REGISTER over IPv4", documented: true,
    value: { verb: "REGISTER", ...ANN },
    hex: "0000001b 52454749535445523a616e6e3a3132372e302e302e313a35303031" },
  { kind: "client", name: "REGISTER over IPv6", documented: true,
    value: { verb: "REGISTER", ...EVE },
    hex: "00000017 52454749535445523a6576653a5b3a3a315d3a35303032" },
  { kind: "client", name: "BROADCAST beyond ASCII", documented: true,
    value: { verb: "BROADCAST", username: "ann", text: "caffè 🙂" },
    hex: "0000001b 42524f4144434153543a616e6e3a373a63616666c3a820f09f9982" },
  { kind: "client", name: "BROADCAST of nothing",
    value: { verb: "BROADCAST", username: "ann", text: "" },
    hex: "00000010 42524f4144434153543a616e6e3a303a" },
  { kind: "client", name: "BROADCAST with colons and line ends",
    value: { verb: "BROADCAST", username: "ann", text: "a:b\r\n:" },
    hex: "00000016 42524f4144434153543a616e6e3a363a613a620d0a3a" },
  { kind: "client", name: "QUIT", documented: true,
    value: { verb: "QUIT" },
    hex: "00000004 51554954" },
  { kind: "server", name: "LIST of two", documented: true,
    value: { verb: "LIST", users: [ANN, BOB] },
    hex: `
      0000002a 4c4953543a616e6e3a3132372e302e302e313a353030313a626f623a3139322e302e322e373a35303035` },
  { kind: "server", name: "LIST with IPv6", documented: true,
    value: { verb: "LIST", users: [EVE, ANN] },
    hex: "00000026 4c4953543a6576653a5b3a3a315d3a353030323a616e6e3a3132372e302e302e313a35303031" },
  { kind: "server", name: "LIST of nobody",
    value: { verb: "LIST", users: [] },
    hex: "00000004 4c495354" },
  { kind: "server", name: "UPDATE:JOIN", documented: true,
    value: { verb: "UPDATE", change: "JOIN", user: BOB },
    hex: "0000001e 5550444154453a4a4f494e3a626f623a3139322e302e322e373a35303035" },
  { kind: "server", name: "UPDATE:JOIN with IPv6",
    value: { verb: "UPDATE", change: "JOIN", user: EVE },
    hex: "0000001a 5550444154453a4a4f494e3a6576653a5b3a3a315d3a35303032" },
  { kind: "server", name: "UPDATE:LEAVE", documented: true,
    value: { verb: "UPDATE", change: "LEAVE", user: BOB },
    hex: "0000001f 5550444154453a4c454156453a626f623a3139322e302e322e373a35303035" },
  { kind: "server", name: "UPDATE:LEAVE with IPv6",
    value: { verb: "UPDATE", change: "LEAVE", user: EVE },
    hex: "0000001b 5550444154453a4c454156453a6576653a5b3a3a315d3a35303032" },
  { kind: "server", name: "BROADCAST",
    value: { verb: "BROADCAST", username: "bob", text: "hello" },
    hex: "00000015 42524f4144434153543a626f623a353a68656c6c6f" },
  { kind: "server", name: "ERROR", documented: true,
    value: { verb: "ERROR", code: "name-taken", text: "somebody here already has that name" },
    hex: `
      00000034 4552524f523a6e616d652d74616b656e3a736f6d65626f6479206865726520616c7265616479206861732
      074686174206e616d65` },
  { kind: "server", name: "ERROR of a code not known, with a colon",
    value: { verb: "ERROR", code: "new-code", text: "a: b" },
    hex: "00000013 4552524f523a6e65772d636f64653a613a2062" },
  { kind: "classic client", name: "REGISTER", documented: true,
    value: { verb: "REGISTER", ...CLASSIC_BOB },
    hex: "52454749535445523a626f623a3132372e302e302e313a35303031 0d0a" },
  { kind: "classic client", name: "BROADCAST",
    value: { verb: "BROADCAST", username: "bob", text: "è\r:\n" },
    hex: "42524f4144434153543a626f623a343ac3a80d3a0a 0d0a" },
  { kind: "classic server", name: "UPDATE:JOIN", documented: true,
    value: { verb: "UPDATE", change: "JOIN", user: CLASSIC_BOB },
    hex: "5550444154453a4a4f494e3a626f623a3132372e302e302e313a35303031 0d0a" },
  { kind: "classic server", name: "UPDATE:LEAVE",
    value: { verb: "UPDATE", change: "LEAVE", user: CLASSIC_BOB },
    hex: "5550444154453a4c454156453a626f623a3132372e302e302e313a35303031 0d0a" },
  { kind: "classic server", name: "LIST", documented: true,
    value: { verb: "LIST", users: [CLASSIC_BOB] },
    hex: "4c4953543a626f623a3132372e302e302e313a35303031 0d0a" },
  { kind: "classic server", name: "BROADCAST",
    value: { verb: "BROADCAST", username: "ann", text: "caffè 🙂" },
    hex: "42524f4144434153543a616e6e3a373a63616666c3a820f09f9982 0d0a" },
  { kind: "classic server", name: "an error, in the voice of the registry", documented: true,
    value: { verb: "BROADCAST", username: "server", text: "bad-message: unknown verb" },
    hex: `
      42524f4144434153543a7365727665723a32353a6261642d6d6573736167653a20756e6b6e6f776e2076657262 0d0
      a` },
  { kind: "datagram", name: "an offer of ours", documented: true,
    value: { kind: "offer", username: "ann", tcpPort: 54485, ours: { to: "bob", offer: OFFER } },
    hex: `
      7b2274797065223a227463705f706f72745f696e666f222c22757365726e616d65223a22616e6e222c227463705f70
      6f7274223a35343438352c22636f6e666162223a312c22746f223a22626f62222c226f66666572223a223030303130
      323033303430353036303730383039306130623063306430653066227d` },
  { kind: "datagram", name: "a classic offer",
    value: { kind: "offer", username: "bob", tcpPort: 65535 },
    hex: `
      7b2274797065223a227463705f706f72745f696e666f222c22757365726e616d65223a22626f62222c227463705f70
      6f7274223a36353533357d` },
  { kind: "datagram", name: "the answer pending", documented: true,
    value: { kind: "answer", offer: OFFER, state: "pending" },
    hex: `
      7b2274797065223a22636f6e6661625f616e73776572222c22636f6e666162223a312c226f66666572223a22303030
      3130323033303430353036303730383039306130623063306430653066222c227374617465223a2270656e64696e67
      227d` },
  { kind: "datagram", name: "the answer accepted",
    value: { kind: "answer", offer: OFFER, state: "accepted" },
    hex: `
      7b2274797065223a22636f6e6661625f616e73776572222c22636f6e666162223a312c226f66666572223a22303030
      3130323033303430353036303730383039306130623063306430653066222c227374617465223a2261636365707465
      64227d` },
  { kind: "datagram", name: "the answer rejected",
    value: { kind: "answer", offer: OFFER, state: "rejected" },
    hex: `
      7b2274797065223a22636f6e6661625f616e73776572222c22636f6e666162223a312c226f66666572223a22303030
      3130323033303430353036303730383039306130623063306430653066222c227374617465223a2272656a65637465
      64227d` },
  { kind: "datagram", name: "the answer expired",
    value: { kind: "answer", offer: OFFER, state: "expired" },
    hex: `
      7b2274797065223a22636f6e6661625f616e73776572222c22636f6e666162223a312c226f66666572223a22303030
      3130323033303430353036303730383039306130623063306430653066222c227374617465223a2265787069726564
      227d` },
  { kind: "private", name: "HELLO", documented: true,
    value: { verb: "HELLO", from: "bob", to: "ann", offer: OFFER },
    hex: `
      00000030 48454c4c4f3a313a626f623a616e6e3a30303031303230333034303530363037303830393061306230633
      06430653066` },
  { kind: "private", name: "TEXT", documented: true,
    value: { verb: "TEXT", text: "hello, ann" },
    hex: "0000000f 544558543a68656c6c6f2c20616e6e" },
  { kind: "private", name: "TEXT beyond ASCII, with a colon",
    value: { verb: "TEXT", text: "🙂: è" },
    hex: "0000000d 544558543af09f99823a20c3a8" },
  { kind: "private", name: "CLOSE", documented: true,
    value: { verb: "CLOSE", reason: "quit" },
    hex: "0000000a 434c4f53453a71756974" },
];
