/**
 * The rows of `vectors.ts` for what the capability `relay` brings: `docs/PROTOCOL.md`, section 13.
 *
 * @module
 */
import { ANN_SESSION, BOB_SESSION, CLIENT_NONCE, OTHER_SESSION } from "./cast.ts";
import type { Vector } from "./vectors.ts";

/** Of the offer of section 8. */
const LINK = "000102030405060708090a0b0c0d0e0f";
const ANSWER = `{"type":"confab_answer","confab":1,"offer":"${LINK}","state":"pending"}`;
/** The highest number there is: 2^53 - 1. */
const MOST = 9_007_199_254_740_991;

/** A part of the table. */
// deno-fmt-ignore -- a row is what it is, what it says, its bytes.
export const RELAY_VECTORS: readonly Vector[] = [
  { kind: "client", name: "CAPS with relay",
    value: { verb: "CAPS", nonce: CLIENT_NONCE, capabilities: ["keys", "resume", "relay"] },
    hex: `
      00000039 434150533a313a63306331633263336334633563366337633863396361636263636364636563663a6b6
      579732c726573756d652c72656c6179` },
  { kind: "client", name: "PASS", documented: true,
    value: { verb: "PASS", session: ANN_SESSION, datagram: ANSWER },
    hex: `
      00000076 504153533a613061316132613361346135613661373a7b2274797065223a22636f6e6661625f616e737
      76572222c22636f6e666162223a312c226f66666572223a223030303130323033303430353036303730383039306
      130623063306430653066222c227374617465223a2270656e64696e67227d` },
  { kind: "client", name: "PASS of one byte",
    value: { verb: "PASS", session: OTHER_SESSION, datagram: ":" },
    hex: "00000017 504153533a303132333435363738396162636465663a3a" },
  { kind: "client", name: "PASS of 1,000 bytes, which are fewer characters",
    value: { verb: "PASS", session: OTHER_SESSION, datagram: "\u{e8}".repeat(500) },
    hex: `
      000003fe 504153533a303132333435363738396162636465663ac3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a8c3a
      8c3a8c3a8c3a8c3a8c3a8c3a8c3a8` },
  { kind: "server", name: "PASSED", documented: true,
    value: { verb: "PASSED", session: BOB_SESSION, datagram: ANSWER },
    hex: `
      00000078 5041535345443a623062316232623362346235623662373a7b2274797065223a22636f6e6661625f616
      e73776572222c22636f6e666162223a312c226f66666572223a22303030313032303330343035303630373038303
      9306130623063306430653066222c227374617465223a2270656e64696e67227d` },
  { kind: "server", name: "UNPASSED", documented: true,
    value: { verb: "UNPASSED", session: ANN_SESSION, reason: "unable" },
    hex: "00000020 554e5041535345443a613061316132613361346135613661373a756e61626c65" },
  { kind: "server", name: "UNPASSED for a reason not known",
    value: { verb: "UNPASSED", session: ANN_SESSION, reason: "new-reason" },
    hex: `
      00000024 554e5041535345443a613061316132613361346135613661373a6e65772d726561736f6e` },
  { kind: "client", name: "MEET", documented: true,
    value: { verb: "MEET", session: BOB_SESSION, link: LINK },
    hex: `
      00000036 4d4545543a623062316232623362346235623662373a303030313032303330343035303630373038303
      9306130623063306430653066` },
  { kind: "server", name: "MET", documented: true,
    value: {
      verb: "MET", link: LINK, session: BOB_SESSION,
      window: 65536, rate: 262144, total: 67108864, seconds: 3600,
    },
    hex: `
      00000050 4d45543a30303031303230333034303530363037303830393061306230633064306530663a623062316
      232623362346235623662373a36353533363a3236323134343a36373130383836343a33363030` },
  { kind: "server", name: "MET without limits",
    value: {
      verb: "MET", link: LINK, session: BOB_SESSION,
      window: MOST, rate: 0, total: 0, seconds: MOST,
    },
    hex: `
      0000005b 4d45543a30303031303230333034303530363037303830393061306230633064306530663a623062316
      232623362346235623662373a393030373139393235343734303939313a303a303a3930303731393932353437343
      0393931` },
  { kind: "client", name: "RELAY", documented: true,
    value: { verb: "RELAY", link: LINK, data: "AAIAAQ==" },
    hex: `
      0000002f 52454c41593a30303031303230333034303530363037303830393061306230633064306530663a41414
      94141513d3d` },
  { kind: "client", name: "RELAY of all characters, unpadded",
    value: { verb: "RELAY", link: LINK, data: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" },
    hex: `
      00000067 52454c41593a30303031303230333034303530363037303830393061306230633064306530663a41424
      34445464748494a4b4c4d4e4f505152535455565758595a6162636465666768696a6b6c6d6e6f707172737475767
      778797a303132333435363738392b2f` },
  { kind: "client", name: "RELAY of two bytes",
    value: { verb: "RELAY", link: LINK, data: "//8=" },
    hex: `
      0000002b 52454c41593a30303031303230333034303530363037303830393061306230633064306530663a2f2f3
      83d` },
  { kind: "client", name: "TAKEN", documented: true,
    value: { verb: "TAKEN", link: LINK, count: 16640 },
    hex: `
      0000002c 54414b454e3a30303031303230333034303530363037303830393061306230633064306530663a31363
      63430` },
  { kind: "client", name: "TAKEN of nothing",
    value: { verb: "TAKEN", link: LINK, count: 0 },
    hex: `
      00000028 54414b454e3a30303031303230333034303530363037303830393061306230633064306530663a30` },
  { kind: "client", name: "TAKEN of the most",
    value: { verb: "TAKEN", link: LINK, count: MOST },
    hex: `
      00000037 54414b454e3a30303031303230333034303530363037303830393061306230633064306530663a39303
      037313939323534373430393931` },
  { kind: "server", name: "RELAY",
    value: { verb: "RELAY", link: LINK, data: "AAIAAQ==" },
    hex: `
      0000002f 52454c41593a30303031303230333034303530363037303830393061306230633064306530663a41414
      94141513d3d` },
  { kind: "server", name: "RELAY of all characters, unpadded",
    value: { verb: "RELAY", link: LINK, data: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" },
    hex: `
      00000067 52454c41593a30303031303230333034303530363037303830393061306230633064306530663a41424
      34445464748494a4b4c4d4e4f505152535455565758595a6162636465666768696a6b6c6d6e6f707172737475767
      778797a303132333435363738392b2f` },
  { kind: "server", name: "RELAY of two bytes",
    value: { verb: "RELAY", link: LINK, data: "//8=" },
    hex: `
      0000002b 52454c41593a30303031303230333034303530363037303830393061306230633064306530663a2f2f3
      83d` },
  { kind: "server", name: "TAKEN",
    value: { verb: "TAKEN", link: LINK, count: 16640 },
    hex: `
      0000002c 54414b454e3a30303031303230333034303530363037303830393061306230633064306530663a31363
      63430` },
  { kind: "server", name: "TAKEN of nothing",
    value: { verb: "TAKEN", link: LINK, count: 0 },
    hex: `
      00000028 54414b454e3a30303031303230333034303530363037303830393061306230633064306530663a30` },
  { kind: "server", name: "TAKEN of the most",
    value: { verb: "TAKEN", link: LINK, count: MOST },
    hex: `
      00000037 54414b454e3a30303031303230333034303530363037303830393061306230633064306530663a39303
      037313939323534373430393931` },
  { kind: "client", name: "PART", documented: true,
    value: { verb: "PART", link: LINK },
    hex: `
      00000025 504152543a3030303130323033303430353036303730383039306130623063306430653066` },
  { kind: "server", name: "PARTED", documented: true,
    value: { verb: "PARTED", link: LINK, reason: "closed" },
    hex: `
      0000002e 5041525445443a30303031303230333034303530363037303830393061306230633064306530663a636
      c6f736564` },
  { kind: "server", name: "PARTED for a reason not known",
    value: { verb: "PARTED", link: LINK, reason: "new-reason" },
    hex: `
      00000032 5041525445443a30303031303230333034303530363037303830393061306230633064306530663a6e6
      5772d726561736f6e` },
];
