/**
 * The rows of `vectors.ts` for observation: `docs/PROTOCOL.md`, section 12.
 *
 * @module
 */
import type { Vector } from "./vectors.ts";

const TOKEN = "606162636465666768696a6b6c6d6e6f";

/** A part of the table. */
// deno-fmt-ignore -- a row is what it is, what it says, its bytes.
export const OBSERVE_VECTORS: readonly Vector[] = [
  { kind: "client", name: "OBSERVE", documented: true,
    value: { verb: "OBSERVE" },
    hex: "00000007 4f425345525645" },
  { kind: "server", name: "OBSERVED", documented: true,
    value: {
      verb: "OBSERVED", ip: "203.0.113.9", port: 40001, token: TOKEN, udpPorts: [1337, 1338],
    },
    hex: `
      00000045 4f425345525645443a3230332e302e3131332e393a34303030313a36303631363236333634363536363
      637363836393661366236633664366536663a313333373a31333338` },
  { kind: "server", name: "OBSERVED over IPv6, by TCP alone",
    value: { verb: "OBSERVED", ip: "2001:db8::5", port: 1, token: TOKEN, udpPorts: [] },
    hex: `
      00000039 4f425345525645443a5b323030313a6462383a3a355d3a313a363036313632363336343635363636373
      6383639366136623663366436653666` },
  { kind: "datagram", name: "asking for an observation", documented: true,
    value: { kind: "observe", token: TOKEN },
    hex: `
      7b2274797065223a22636f6e6661625f6f627365727665222c22636f6e666162223a312c22746f6b656e223a2236
      30363136323633363436353636363736383639366136623663366436653666222c22706164223a22303030303030
      30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030
      3030303030303030303030303030303030303030227d` },
  { kind: "datagram", name: "an observation", documented: true,
    value: { kind: "observed", token: TOKEN, ip: "203.0.113.9", port: 40002 },
    hex: `
      7b2274797065223a22636f6e6661625f6f62736572766564222c22636f6e666162223a312c22746f6b656e223a22
      3630363136323633363436353636363736383639366136623663366436653666222c226970223a223230332e302e
      3131332e39222c22706f7274223a34303030327d` },
  { kind: "datagram", name: "an observation over IPv6",
    value: { kind: "observed", token: TOKEN, ip: "2001:db8::5", port: 1 },
    hex: `
      7b2274797065223a22636f6e6661625f6f62736572766564222c22636f6e666162223a312c22746f6b656e223a22
      3630363136323633363436353636363736383639366136623663366436653666222c226970223a22323030313a64
      62383a3a35222c22706f7274223a317d` },
];
