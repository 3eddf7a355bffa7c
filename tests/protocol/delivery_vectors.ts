/**
 * The rows of `vectors.ts` for what the capability `resume` brings: `docs/PROTOCOL.md`, section 10.
 *
 * @module
 */
import {
  ANN,
  ANN_KEY,
  BOB,
  BOB_KEY,
  BOB_SESSION,
  CLIENT_NONCE,
  EVE,
  OTHER_SESSION,
} from "./cast.ts";
import type { Vector } from "./vectors.ts";

const EPOCH = "0e1e2e3e4e5e6e7e";
const TOKEN = "505152535455565758595a5b5c5d5e5f";
const RUN = "7a7b7c7d7e7f8081";
/** The highest number there is: 2^53 - 1. */
const MOST = 9_007_199_254_740_991;
const FIRST = { run: RUN, count: 1 };
const SECOND = { run: RUN, count: 2 };
const LAST = { run: "ffffffffffffffff", count: MOST };
const ANNS = { publicKey: ANN_KEY, kept: true };
const BOBS = { publicKey: BOB_KEY, kept: false };

/** A part of the table. */
// deno-fmt-ignore -- a row is what it is, what it says, its bytes.
export const DELIVERY_VECTORS: readonly Vector[] = [
  { kind: "client", name: "CAPS with resume",
    value: { verb: "CAPS", nonce: CLIENT_NONCE, capabilities: ["keys", "resume"] },
    hex: `
      00000033 434150533a313a63306331633263336334633563366337633863396361636263636364636563663a6b6
      579732c726573756d65` },
  { kind: "client", name: "SAY", documented: true,
    value: { verb: "SAY", id: FIRST, text: "caffè 🙂" },
    hex: "00000024 5341593a376137623763376437653766383038312e313a373a63616666c3a820f09f9982" },
  { kind: "client", name: "SAY of nothing",
    value: { verb: "SAY", id: FIRST, text: "" },
    hex: "00000019 5341593a376137623763376437653766383038312e313a303a" },
  { kind: "client", name: "SAY with colons and line ends, under the last id",
    value: { verb: "SAY", id: LAST, text: ":a:b\r\n:" },
    hex: `
      0000002f 5341593a666666666666666666666666666666662e393030373139393235343734303939313a373a3a6
      13a620d0a3a` },
  { kind: "client", name: "RESUME", documented: true,
    value: {
      verb: "RESUME", token: TOKEN, epoch: EPOCH, number: 43, presence: 9,
      ip: "127.0.0.1", udpPort: 5001,
    },
    hex: `
      0000004c 524553554d453a35303531353235333534353535363537353835393561356235633564356535663a306
      531653265336534653565366537653a34333a393a3132372e302e302e313a35303031` },
  { kind: "client", name: "RESUME over IPv6, nothing seen",
    value: {
      verb: "RESUME", token: TOKEN, epoch: EPOCH, number: 0, presence: 0,
      ip: "2001:db8::5", udpPort: 1,
    },
    hex: `
      0000004c 524553554d453a35303531353235333534353535363537353835393561356235633564356535663a306
      531653265336534653565366537653a303a303a5b323030313a6462383a3a355d3a31` },
  { kind: "client", name: "RESUME with the last numbers",
    value: {
      verb: "RESUME", token: TOKEN, epoch: EPOCH, number: MOST, presence: MOST,
      ip: "192.0.2.7", udpPort: 65535,
    },
    hex: `
      0000006a 524553554d453a35303531353235333534353535363537353835393561356235633564356535663a306
      531653265336534653565366537653a393030373139393235343734303939313a393030373139393235343734303
      939313a3139322e302e322e373a3635353335` },
  { kind: "client", name: "PING",
    value: { verb: "PING", token: "1f" },
    hex: "00000007 50494e473a3166" },
  { kind: "client", name: "PING with the longest token",
    value: { verb: "PING", token: OTHER_SESSION },
    hex: "00000015 50494e473a30313233343536373839616263646566" },
  { kind: "server", name: "PONG",
    value: { verb: "PONG", token: "1f" },
    hex: "00000007 504f4e473a3166" },
  { kind: "server", name: "PONG with the shortest token",
    value: { verb: "PONG", token: "0" },
    hex: "00000006 504f4e473a30" },
  { kind: "server", name: "WELCOME", documented: true,
    value: {
      verb: "WELCOME", epoch: EPOCH, number: 41, presence: 7, token: TOKEN, grace: 30, rate: 10,
    },
    hex: `
      00000044 57454c434f4d453a306531653265336534653565366537653a34313a373a35303531353235333534353
      535363537353835393561356235633564356535663a33303a3130` },
  { kind: "server", name: "WELCOME to a new registry without grace and rate",
    value: {
      verb: "WELCOME", epoch: EPOCH, number: 0, presence: 1, token: TOKEN, grace: 0, rate: 0,
    },
    hex: `
      00000041 57454c434f4d453a306531653265336534653565366537653a303a313a3530353135323533353435353
      5363537353835393561356235633564356535663a303a30` },
  { kind: "server", name: "WELCOME with the last numbers",
    value: {
      verb: "WELCOME", epoch: EPOCH, number: MOST, presence: MOST, token: TOKEN,
      grace: MOST, rate: MOST,
    },
    hex: `
      0000007d 57454c434f4d453a306531653265336534653565366537653a393030373139393235343734303939313
      a393030373139393235343734303939313a353035313532353335343535353635373538353935613562356335643
      56535663a393030373139393235343734303939313a39303037313939323534373430393931` },
  { kind: "server", name: "SAID", documented: true,
    value: {
      verb: "SAID", epoch: EPOCH, number: 42, username: "ann", id: FIRST, text: "caffè 🙂",
    },
    hex: `
      0000003d 534149443a306531653265336534653565366537653a34323a616e6e3a3761376237633764376537663
      83038312e313a373a63616666c3a820f09f9982` },
  { kind: "server", name: "SAID by one who used BROADCAST", documented: true,
    value: { verb: "SAID", epoch: EPOCH, number: 43, username: "old", id: undefined, text: "hi" },
    hex: "00000023 534149443a306531653265336534653565366537653a34333a6f6c643a2d3a323a6869" },
  { kind: "server", name: "SAID with the last number and id, a colon, a numbered name",
    value: {
      verb: "SAID", epoch: EPOCH, number: MOST, username: "ann~2", id: LAST, text: "-:2:hi\r\n",
    },
    hex: `
      00000059 534149443a306531653265336534653565366537653a393030373139393235343734303939313a616e6
      e7e323a666666666666666666666666666666662e393030373139393235343734303939313a383a2d3a323a68690
      d0a` },
  { kind: "server", name: "SAID of nothing",
    value: { verb: "SAID", epoch: EPOCH, number: 1, username: "[x]", id: FIRST, text: "" },
    hex: `
      00000031 534149443a306531653265336534653565366537653a313a5b785d3a376137623763376437653766383
      038312e313a303a` },
  { kind: "server", name: "ACK", documented: true,
    value: { verb: "ACK", id: FIRST, epoch: EPOCH, number: 42 },
    hex: `
      0000002a 41434b3a376137623763376437653766383038312e313a306531653265336534653565366537653a343
      2` },
  { kind: "server", name: "ACK of a repeat whose number is forgotten",
    value: { verb: "ACK", id: FIRST, epoch: EPOCH, number: 0 },
    hex: `
      00000029 41434b3a376137623763376437653766383038312e313a306531653265336534653565366537653a30` },
  { kind: "server", name: "ACK with the last number and id",
    value: { verb: "ACK", id: LAST, epoch: EPOCH, number: MOST },
    hex: `
      00000047 41434b3a666666666666666666666666666666662e393030373139393235343734303939313a3065316
      53265336534653565366537653a39303037313939323534373430393931` },
  { kind: "server", name: "NAK", documented: true,
    value: { verb: "NAK", id: SECOND, code: "flood", text: "too fast: message refused" },
    hex: `
      00000036 4e414b3a376137623763376437653766383038312e323a666c6f6f643a746f6f20666173743a206d657
      3736167652072656675736564` },
  { kind: "server", name: "NAK of a code not known, without a text",
    value: { verb: "NAK", id: LAST, code: "new-code", text: "" },
    hex: `
      0000002f 4e414b3a666666666666666666666666666666662e393030373139393235343734303939313a6e65772
      d636f64653a` },
  { kind: "server", name: "JOINED", documented: true,
    value: { verb: "JOINED", presence: 8, user: { ...BOB, session: BOB_SESSION, key: BOBS } },
    hex: `
      0000006e 4a4f494e45443a383a626f623a3139322e302e322e373a353030353a623062316232623362346235623
      662373a7e37643539633536323364643430613734616134643561333261633634356433623366393564616561653
      463323262653235343736646436613438366637333832` },
  { kind: "server", name: "JOINED without a key, over IPv6",
    value: {
      verb: "JOINED", presence: 0, user: { ...EVE, session: OTHER_SESSION, key: undefined },
    },
    hex: `
      0000002a 4a4f494e45443a303a6576653a5b3a3a315d3a353030323a303132333435363738396162636465663a2
      d` },
  { kind: "server", name: "JOINED with a kept key, for the second time, under the last number",
    value: {
      verb: "JOINED", presence: MOST,
      user: { ...ANN, username: "ann~2", session: OTHER_SESSION, key: ANNS },
    },
    hex: `
      0000007e 4a4f494e45443a393030373139393235343734303939313a616e6e7e323a3132372e302e302e313a353
      030313a303132333435363738396162636465663a653733346561366332623632353764653732333535653437326
      16130356134633438376536623436336330323965643330366466326630316235363336623538` },
  { kind: "server", name: "LEFT", documented: true,
    value: { verb: "LEFT", presence: 9, session: BOB_SESSION },
    hex: "00000017 4c4546543a393a62306231623262336234623562366237" },
  { kind: "server", name: "LEFT with number 0",
    value: { verb: "LEFT", presence: 0, session: OTHER_SESSION },
    hex: "00000017 4c4546543a303a30313233343536373839616263646566" },
  { kind: "server", name: "LEFT with the last number",
    value: { verb: "LEFT", presence: MOST, session: OTHER_SESSION },
    hex: `
      00000026 4c4546543a393030373139393235343734303939313a30313233343536373839616263646566` },
  { kind: "server", name: "GAP", documented: true,
    value: { verb: "GAP", missed: 904, number: 4999 },
    hex: "0000000c 4741503a3930343a34393939" },
  { kind: "server", name: "GAP of one's own messages alone",
    value: { verb: "GAP", missed: 0, number: 1 },
    hex: "00000007 4741503a303a31" },
  { kind: "server", name: "GAP with the last numbers",
    value: { verb: "GAP", missed: MOST, number: MOST },
    hex: "00000025 4741503a393030373139393235343734303939313a39303037313939323534373430393931" },
  { kind: "server", name: "RETRY", documented: true,
    value: { verb: "RETRY", seconds: 1 },
    hex: "00000007 52455452593a31" },
  { kind: "server", name: "RETRY at once",
    value: { verb: "RETRY", seconds: 0 },
    hex: "00000007 52455452593a30" },
  { kind: "server", name: "RETRY after the longest time",
    value: { verb: "RETRY", seconds: 3600 },
    hex: "0000000a 52455452593a33363030" },
  { kind: "client", name: "REPLAY", documented: true,
    value: { verb: "REPLAY", count: 50 },
    hex: "00000009 5245504c41593a3530" },
  { kind: "client", name: "REPLAY of nothing",
    value: { verb: "REPLAY", count: 0 },
    hex: "00000008 5245504c41593a30" },
  { kind: "client", name: "REPLAY of the most",
    value: { verb: "REPLAY", count: MOST },
    hex: "00000017 5245504c41593a39303037313939323534373430393931" },
  { kind: "server", name: "REPLAYING", documented: true,
    value: { verb: "REPLAYING", count: 2, limit: 50 },
    hex: "0000000e 5245504c4159494e473a323a3530" },
  { kind: "server", name: "REPLAYING of nothing",
    value: { verb: "REPLAYING", count: 0, limit: 0 },
    hex: "0000000d 5245504c4159494e473a303a30" },
  { kind: "server", name: "REPLAYING of the most",
    value: { verb: "REPLAYING", count: MOST, limit: MOST },
    hex: `
      0000002b 5245504c4159494e473a393030373139393235343734303939313a39303037313939323534373430393
      931` },
  { kind: "server", name: "PAST", documented: true,
    value: { verb: "PAST", number: 41, age: 180, username: "ann", text: "caffè 🙂" },
    hex: "0000001d 504153543a34313a3138303a616e6e3a373a63616666c3a820f09f9982" },
  { kind: "server", name: "PAST of nothing, a moment ago",
    value: { verb: "PAST", number: 0, age: 0, username: "[x]", text: "" },
    hex: "0000000f 504153543a303a303a5b785d3a303a" },
  { kind: "server", name: "PAST with the last numbers, colons and line ends, a numbered name",
    value: { verb: "PAST", number: MOST, age: MOST, username: "ann~2", text: ":a:\r\n" },
    hex: `
      00000034 504153543a393030373139393235343734303939313a393030373139393235343734303939313a616e6
      e7e323a353a3a613a0d0a` },
  { kind: "server", name: "REPLAYED", documented: true,
    value: { verb: "REPLAYED", count: 2 },
    hex: "0000000a 5245504c415945443a32" },
  { kind: "server", name: "REPLAYED of the most",
    value: { verb: "REPLAYED", count: MOST },
    hex: "00000019 5245504c415945443a39303037313939323534373430393931" },
];
