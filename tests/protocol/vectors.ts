/**
 * Every message of every kind as a value and as its bytes, written by hand from `docs/PROTOCOL.md`. What
 * is `documented` is an example on that page, byte for byte.
 *
 * @module
 */
import type { Datagram } from "../../lib/protocol/datagram.ts";
import type { ClientMessage, ServerMessage } from "../../lib/protocol/message.ts";
import type { PipeMessage } from "../../lib/protocol/pipe.ts";
import type { LinkIdentity, PrivateMessage } from "../../lib/protocol/private.ts";
import {
  ANN,
  ANN_KEY,
  ANN_SESSION,
  BOB,
  BOB_KEY,
  BOB_SESSION,
  CLIENT_NONCE,
  EVE,
  OTHER_SESSION,
} from "./cast.ts";
import { DELIVERY_VECTORS } from "./delivery_vectors.ts";
import { OBSERVE_VECTORS } from "./observe_vectors.ts";
import { RELAY_VECTORS } from "./relay_vectors.ts";

/** Who sends a message in which dialect, with the value that it stands for. */
export type Message =
  | { readonly kind: "client" | "classic client"; readonly value: ClientMessage }
  | { readonly kind: "server" | "classic server"; readonly value: ServerMessage }
  | { readonly kind: "datagram"; readonly value: Datagram }
  | { readonly kind: "link identity"; readonly value: LinkIdentity }
  | { readonly kind: "private"; readonly value: PrivateMessage }
  | { readonly kind: "pipe"; readonly value: PipeMessage };

/**
 * One message and its bytes, from the first of its header to the last of its line end. Of what
 * is only ever sent sealed (`link identity`, `private`, `pipe`) it is the payload, without a header.
 */
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

const CLASSIC_BOB = { username: "bob", ip: "127.0.0.1", udpPort: 5001 };
const OFFER = "000102030405060708090a0b0c0d0e0f";
const REGISTRY_NONCE = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf";
const OLD = {
  username: "old",
  ip: "192.0.2.9",
  udpPort: 5009,
  session: OTHER_SESSION,
  key: undefined,
};
const REGISTRY_KEY = "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737";
// Whether these are right is checked in documented_signatures_test.ts.
const REGISTRY_SIGNATURE = "6ddd7b906c2748eb6fe127115d7d737a5fedc2ecad61233432978470fab880d6" +
  "6fce51cdca209ec2d3db902cb4d6a60ed3a0da4dabb8b1734e8d0905720f8b0f";
const REGISTER_SIGNATURE = "d2ad9501cd4d0a1499ce3a0685a111dc0d53fa168a8abd3a839f942f917757ab" +
  "508f935e17920e784e254c49e80015fa984efdccb1476fb4b5a4aafeaf8cc30e";
const PIPE_SIGNATURE = "26149213a19124485797757ad3832a4397277fd6cf84d2b48a5070b1af773ff1" +
  "ffdf16df356f82e0e99dd460913e791704d9db83e216982697989745e1987000";
const HELLO_HASH = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const OFFER_SIGNATURE = "a6547855a0969c08f69a067221dd38704eb906a76ca2326b0e8660c23b226481" +
  "989b9b67c0f2eba1b97f414fe0fcdf31ad66b04c10b69640d3ef7d3c2657b304";
const STATIC_SIGNATURE = "cb75fe8e6cfd84dbf0ee22f9c2594284bc1446318d125226bfa5deed711838df" +
  "f01b41b5a4ffdda7024592b259442917b4b1a055bb61cb9f142daf8383866209";

/** The table; section 10 of the page has its rows in `delivery_vectors.ts`. */
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
  { kind: "client", name: "CAPS", documented: true,
    value: { verb: "CAPS", nonce: CLIENT_NONCE, capabilities: ["keys"] },
    hex: `
      0000002c 434150533a313a63306331633263336334633563366337633863396361636263636364636563663a6b657
      973` },
  { kind: "client", name: "CAPS of nothing",
    value: { verb: "CAPS", nonce: CLIENT_NONCE, capabilities: [] },
    hex: `
      00000028 434150533a313a63306331633263336334633563366337633863396361636263636364636563663a` },
  { kind: "client", name: "IDENTITY, kept", documented: true,
    value: {
      verb: "IDENTITY", username: "ann", key: { publicKey: ANN_KEY, kept: true },
      signature: REGISTER_SIGNATURE,
    },
    hex: `
      000000d3 4944454e544954593a616e6e3a65373334656136633262363235376465373233353565343732616130356
      1346334383765366234363363303239656433303664663266303162353633366235383a6b6570743a643261643935
      303163643464306131343939636533613036383561313131646330643533666131363861386162643361383339663
      934326639313737353761623530386639333565313739323065373834653235346334396538303031356661393834
      6566646363623134373666623462356134616166656166386363333065` },
  { kind: "client", name: "IDENTITY, of a session",
    value: {
      verb: "IDENTITY", username: "ann", key: { publicKey: ANN_KEY, kept: false },
      signature: REGISTER_SIGNATURE,
    },
    hex: `
      000000d6 4944454e544954593a616e6e3a65373334656136633262363235376465373233353565343732616130356
      1346334383765366234363363303239656433303664663266303162353633366235383a73657373696f6e3a643261
      643935303163643464306131343939636533613036383561313131646330643533666131363861386162643361383
      339663934326639313737353761623530386639333565313739323065373834653235346334396538303031356661
      3938346566646363623134373666623462356134616166656166386363333065` },
  { kind: "client", name: "PONG", documented: true,
    value: { verb: "PONG", token: "1f" },
    hex: "00000007 504f4e473a3166" },
  { kind: "client", name: "PONG with the shortest token",
    value: { verb: "PONG", token: "0" },
    hex: "00000006 504f4e473a30" },
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
  { kind: "server", name: "CAPS", documented: true,
    value: {
      verb: "CAPS", nonce: REGISTRY_NONCE, registryKey: REGISTRY_KEY,
      signature: REGISTRY_SIGNATURE, capabilities: ["keys"],
    },
    hex: `
      000000ee 434150533a313a64306431643264336434643564366437643864396461646264636464646564663a64303
      461623233323734326262346162336131333638626434363135653465366430323234616237316130313662616638
      3532306133333263393737383733373a3664646437623930366332373438656236666531323731313564376437333
      761356665646332656361643631323333343332393738343730666162383830643636666365353163646361323039
      656332643364623930326362346436613630656433613064613464616262386231373334653864303930353732306
      6386230663a6b657973` },
  { kind: "server", name: "CAPS of a registry that keeps no key",
    value: {
      verb: "CAPS", nonce: REGISTRY_NONCE, registryKey: REGISTRY_KEY,
      signature: REGISTRY_SIGNATURE, capabilities: ["keys", "ephemeral"],
    },
    hex: `
      000000f8 434150533a313a64306431643264336434643564366437643864396461646264636464646564663a64303
      461623233323734326262346162336131333638626434363135653465366430323234616237316130313662616638
      3532306133333263393737383733373a3664646437623930366332373438656236666531323731313564376437333
      761356665646332656361643631323333343332393738343730666162383830643636666365353163646361323039
      656332643364623930326362346436613630656433613064613464616262386231373334653864303930353732306
      6386230663a6b6579732c657068656d6572616c` },
  { kind: "server", name: "ROSTER of two, one without a key", documented: true,
    value: {
      verb: "ROSTER", left: 0,
      users: [{ ...ANN, session: ANN_SESSION, key: { publicKey: ANN_KEY, kept: true } }, OLD],
    },
    hex: `
      00000093 524f535445523a303a616e6e3a3132372e302e302e313a353030313a61306131613261336134613561366
      1373a6537333465613663326236323537646537323335356534373261613035613463343837653662343633633032
      39656433303664663266303162353633366235383a6f6c643a3139322e302e322e393a353030393a3031323334353
      63738396162636465663a2d` },
  { kind: "server", name: "ROSTER with IPv6, and more to come",
    value: {
      verb: "ROSTER", left: 4999,
      users: [{ ...EVE, session: OTHER_SESSION, key: { publicKey: BOB_KEY, kept: false } }],
    },
    hex: `
      0000006d 524f535445523a343939393a6576653a5b3a3a315d3a353030323a3031323334353637383961626364656
      63a7e3764353963353632336464343061373461613464356133326163363435643362336639356461656165346332
      3262653235343736646436613438366637333832` },
  { kind: "server", name: "ROSTER of nobody",
    value: { verb: "ROSTER", left: 0, users: [] },
    hex: "00000008 524f535445523a30" },
  { kind: "server", name: "UPDATE:JOIN with a key of its session", documented: true,
    value: {
      verb: "UPDATE", change: "JOIN",
      user: { ...BOB, session: BOB_SESSION, key: { publicKey: BOB_KEY, kept: false } },
    },
    hex: `
      00000071 5550444154453a4a4f494e3a626f623a3139322e302e322e373a353030353a62306231623262336234623
      5623662373a7e37643539633536323364643430613734616134643561333261633634356433623366393564616561
      653463323262653235343736646436613438366637333832` },
  { kind: "server", name: "UPDATE:JOIN with a kept key, for the second time",
    value: {
      verb: "UPDATE", change: "JOIN",
      user: {
        ...ANN, username: "ann~2", session: ANN_SESSION, key: { publicKey: ANN_KEY, kept: true },
      },
    },
    hex: `
      00000072 5550444154453a4a4f494e3a616e6e7e323a3132372e302e302e313a353030313a6130613161326133613
      46135613661373a653733346561366332623632353764653732333535653437326161303561346334383765366234
      36336330323965643330366466326630316235363336623538` },
  { kind: "server", name: "UPDATE:JOIN with a session and no key, over IPv6",
    value: {
      verb: "UPDATE", change: "JOIN",
      user: { ...EVE, session: OTHER_SESSION, key: undefined },
    },
    hex: `
      0000002d 5550444154453a4a4f494e3a6576653a5b3a3a315d3a353030323a3031323334353637383961626364656
      63a2d` },
  { kind: "server", name: "PING", documented: true,
    value: { verb: "PING", token: "1f" },
    hex: "00000007 50494e473a3166" },
  { kind: "server", name: "PING with the longest token",
    value: { verb: "PING", token: OTHER_SESSION },
    hex: "00000015 50494e473a30313233343536373839616263646566" },
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
  { kind: "datagram", name: "a signed offer", documented: true,
    value: {
      kind: "offer", username: "ann", tcpPort: 54485,
      signed: {
        session: ANN_SESSION, to: "bob", toSession: BOB_SESSION, counter: 1, offer: OFFER,
        signature: OFFER_SIGNATURE,
      },
    },
    hex: `
      7b2274797065223a227463705f706f72745f696e666f222c22757365726e616d65223a22616e6e222c227463705f70
      6f7274223a35343438352c22636f6e666162223a312c2273657373696f6e223a226130613161326133613461356136
      6137222c22746f223a22626f62222c22746f5f73657373696f6e223a2262306231623262336234623562366237222c
      22636f756e746572223a312c226f66666572223a223030303130323033303430353036303730383039306130623063
      306430653066222c227369676e6174757265223a226136353437383535613039363963303866363961303637323231
      6464333837303465623930366137366361323332366230653836363063323362323236343831393839623962363763
      3066326562613162393766343134666530666364663331616436366230346331306236393634306433656637643363
      3236353762333034227d` },
  { kind: "datagram", name: "a signed offer of bytes", documented: true,
    value: {
      kind: "offer", username: "ann", tcpPort: 54486,
      signed: {
        session: ANN_SESSION, to: "bob", toSession: BOB_SESSION, counter: 2,
        offer: "101112131415161718191a1b1c1d1e1f", purpose: "pipe",
        signature: PIPE_SIGNATURE,
      },
    },
    hex: `
      7b2274797065223a227463705f706f72745f696e666f222c22757365726e616d65223a22616e6e222c227463705f70
      6f7274223a35343438362c22636f6e666162223a312c22666f72223a2270697065222c2273657373696f6e223a2261
      306131613261336134613561366137222c22746f223a22626f62222c22746f5f73657373696f6e223a226230623162
      3262336234623562366237222c22636f756e746572223a322c226f66666572223a2231303131313231333134313531
      36313731383139316131623163316431653166222c227369676e6174757265223a2232363134393231336131393132
      3434383537393737353761643338333261343339373237376664366366383464326234386135303730623161663737
      3366663166666466313664663335366638326530653939646434363039313365373931373034643964623833653231
      363938323639373938393734356531393837303030227d` },
  { kind: "datagram", name: "a classic offer", documented: true,
    value: { kind: "offer", username: "ann", tcpPort: 54485 },
    hex: `
      7b2274797065223a227463705f706f72745f696e666f222c22757365726e616d65223a22616e6e222c227463705f70
      6f7274223a35343438357d` },
  { kind: "datagram", name: "a classic offer from the last port",
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
  { kind: "link identity", name: "IDENTITY",
    value: { name: "ann", key: { publicKey: ANN_KEY, kept: true }, signature: STATIC_SIGNATURE },
    hex: `
      4944454e544954593a616e6e3a65373334656136633262363235376465373233353565343732616130356134633438
      3765366234363363303239656433303664663266303162353633366235383a6b6570743a6362373566653865366366
      6438346462663065653232663963323539343238346263313434363331386431323532323662666135646565643731
      3138333864666630316234316235613466666464613730323435393262323539343432393137623462316130353562
      6236316362396631343264616638333833383636323039` },
  { kind: "private", name: "OPEN",
    value: { verb: "OPEN" },
    hex: "4f50454e" },
  { kind: "private", name: "TEXT",
    value: { verb: "TEXT", number: 1, text: "hello, ann" },
    hex: "544558543a313a68656c6c6f2c20616e6e" },
  { kind: "private", name: "TEXT beyond ASCII, with a colon",
    value: { verb: "TEXT", number: 1_000, text: "🙂: è" },
    hex: "544558543a313030303af09f99823a20c3a8" },
  { kind: "private", name: "SEEN of none",
    value: { verb: "SEEN", number: 0 },
    hex: "5345454e3a30" },
  { kind: "private", name: "SEEN",
    value: { verb: "SEEN", number: 1 },
    hex: "5345454e3a31" },
  { kind: "private", name: "PATHS",
    value: { verb: "PATHS", seen: "203.0.113.9", at: [
      { ip: "192.168.1.2", port: 40_001 }, { ip: "203.0.113.9", port: 40_001 } ] },
    hex: "50415448533a3230332e302e3131332e393a3139322e3136382e312e323a34303030313a3230332e302e3131332e393a3430303031" },
  { kind: "private", name: "PATHS of one who does not know how it is seen",
    value: { verb: "PATHS", seen: undefined, at: [{ ip: "2001:db8::1", port: 40_001 }] },
    hex: "50415448533a2d3a5b323030313a6462383a3a315d3a3430303031" },
  { kind: "private", name: "GO",
    value: { verb: "GO", attempt: 1, from: { ip: "203.0.113.9", port: 40_002 } },
    hex: "474f3a313a3230332e302e3131332e393a3430303032" },
  { kind: "private", name: "PING",
    value: { verb: "PING", number: 0 },
    hex: "50494e473a30" },
  { kind: "private", name: "PONG",
    value: { verb: "PONG", number: 7 },
    hex: "504f4e473a37" },
  { kind: "private", name: "CLOSE",
    value: { verb: "CLOSE", reason: "quit" },
    hex: "434c4f53453a71756974" },
  { kind: "pipe", name: "DATA", documented: true,
    value: { verb: "DATA", bytes: new TextEncoder().encode("hello") },
    hex: `
      444154413a68656c6c6f` },
  { kind: "pipe", name: "END", documented: true,
    value: { verb: "END", total: 5, hash: HELLO_HASH },
    hex: `
      454e443a353a3263663234646261356662306133306532366538336232616335623965323965316231363165356331
      6661373432356537333034333336323933386239383234` },
  { kind: "pipe", name: "DONE", documented: true,
    value: { verb: "DONE", total: 5, hash: HELLO_HASH },
    hex: `
      444f4e453a353a32636632346462613566623061333065323665383362326163356239653239653162313631653563
      316661373432356537333034333336323933386239383234` },
  { kind: "pipe", name: "ALIVE", documented: true,
    value: { verb: "ALIVE", total: 5 },
    hex: `
      414c4956453a35` },
  { kind: "pipe", name: "CLOSE", documented: true,
    value: { verb: "CLOSE", reason: "output-closed" },
    hex: `
      434c4f53453a6f75747075742d636c6f736564` },
  ...DELIVERY_VECTORS,
  ...OBSERVE_VECTORS,
  ...RELAY_VECTORS,
];
