/** What the room remembers: bounded, and only while somebody could ask for it. */
import { concatBytes } from "../../lib/protocol/bytes.ts";
import { encodeFrame } from "../../lib/protocol/frame.ts";
import type { KeyedUser } from "../../lib/protocol/keyed.ts";
import { History } from "../../lib/registry/history.ts";
import { RoomLog } from "../../lib/registry/room_log.ts";
import { Senders } from "../../lib/registry/senders.ts";
import { assert, assertEquals } from "../support/assert.ts";

const ANN: KeyedUser = {
  username: "ann",
  ip: "127.0.0.1",
  udpPort: 5001,
  session: "a0a1a2a3a4a5a6a7",
  key: undefined,
};
const RUN = "7a7b7c7d7e7f8081";

/** The numbers that are remembered, from 1 to `last`. */
function remembered(log: RoomLog): number[] {
  return Array.from({ length: log.number }, (_, i) => i + 1)
    .filter((number) => log.history.get(number)?.number === number);
}

Deno.test("broadcasts are numbered always, and remembered only while somebody could ask for them", () => {
  const log = new RoomLog("0e1e2e3e4e5e6e7e", { now: 0 });
  log.broadcast(ANN, "1", undefined);
  log.keep(true);
  for (const text of ["2", "3"]) log.broadcast(ANN, text, undefined);
  assertEquals([remembered(log), log.history.first], [[2, 3], 2]);
  log.keep(true);
  assertEquals(remembered(log), [2, 3]);
  log.keep(false);
  log.broadcast(ANN, "4", undefined);
  assertEquals(remembered(log), []);
  log.keep(true);
  assertEquals([remembered(log), log.history.first, log.number], [[], 5, 4]);
  log.broadcast(ANN, "5", undefined);
  assertEquals([remembered(log), log.history.first], [[5], 5]);
});

Deno.test("the last broadcasts are remembered: so many, and so many bytes", () => {
  for (const [messages, bytes, expected] of [[3, 1e6, [8, 9, 10]], [99, 200, [9, 10]]] as const) {
    const log = new RoomLog("0e1e2e3e4e5e6e7e", { now: 0 }, new History(messages, bytes));
    log.keep(true);
    for (let i = 1; i <= 10; i++) log.broadcast(ANN, "x".repeat(40), undefined);
    assertEquals(remembered(log), [...expected]);
    assertEquals(log.history.first, expected[0]);
    log.broadcast(ANN, "x".repeat(300), undefined);
    assertEquals(remembered(log).at(-1), 11, "the newest always");
  }
});

Deno.test("broadcasts told as they came are remembered in their places, the last ones", () => {
  const clock = { now: 1 };
  const log = new RoomLog("0e1e2e3e4e5e6e7e", clock, new History(4, 1e6));
  const frames = (...texts: string[]): Uint8Array =>
    concatBytes(texts.map((text) => encodeFrame(`BROADCAST:zoe:${text.length}:${text}`)));
  const texts = (): string[] =>
    remembered(log).map((number) => {
      const said = new TextDecoder().decode(log.history.get(number)?.said.subarray(4));
      assert(said.startsWith(`SAID:${log.epoch}:${number}:`), said);
      return said.split(":").slice(3).join(":");
    });
  log.passed(1, frames("nobody could ask"));
  log.keep(true);
  log.broadcast(ANN, "1", undefined);
  log.passed(2, frames("2", "3"));
  clock.now = 2;
  log.broadcast(ANN, "4", undefined);
  assertEquals(texts(), ["ann:-:1:1", "zoe:-:1:2", "zoe:-:1:3", "ann:-:1:4"]);
  assertEquals([2, 3, 4, 5].map((number) => log.history.get(number)?.at), [1, 1, 1, 2]);
  for (let i = 0; i < 5_000; i++) log.passed(2, frames("a", "b"));
  assertEquals(texts(), ["zoe:-:1:a", "zoe:-:1:b", "zoe:-:1:a", "zoe:-:1:b"]);
  assertEquals(log.history.first, log.number - 3);
  log.passed(1, frames("forgotten"));
  log.keep(false);
  log.keep(true);
  assertEquals(texts(), []);
});

Deno.test("senders: the runs used last are known, of each sender and of all", () => {
  const senders = new Senders(40);
  const id = (run: number, count = 1) => ({ run: run.toString(16).padStart(16, "0"), count });
  for (let run = 0; run < 20; run++) senders.took("ann", id(run));
  assertEquals(senders.before("ann", id(3)), undefined, "16 of one sender");
  assertEquals(senders.before("ann", id(4)), "taken");
  for (let run = 0; run < 12; run++) senders.took("bob", id(run));
  senders.took("ann", id(19, 2));
  for (let run = 0; run < 13; run++) senders.took("cam", id(run));
  assertEquals(senders.before("bob", id(11)), undefined, "bob's use is the longest ago");
  assertEquals(senders.before("ann", id(19, 2)), "taken");
  assertEquals(senders.before("ann", id(19, 3)), undefined);
  assertEquals(senders.before("eve", { run: RUN, count: 1 }), undefined);
});

Deno.test("senders: of one sender the run used the longest ago is forgotten, not the one made first", () => {
  const senders = new Senders();
  senders.took("ann", { run: "main", count: 1 });
  for (let i = 0; i < 16; i++) {
    senders.took("ann", { run: "main", count: 2 + i });
    senders.took("ann", { run: `once${i}`, count: 1 });
  }
  const known = ["main", "once0", "once1", "once15"].map((run) =>
    senders.before("ann", { run, count: 1 })
  );
  assertEquals(known, ["taken", undefined, "taken", "taken"]);
});

Deno.test("senders: so many refusals in all, the oldest are forgotten, whoever's they are", () => {
  const senders = new Senders(40, 4);
  const refuse = (sender: string, counts: readonly number[]): void => {
    for (const count of counts) senders.refused(sender, { run: RUN, count }, "flood");
    senders.took(sender, { run: RUN, count: 9 });
  };
  const refused = (sender: string): number[] =>
    [1, 2, 3, 4].filter((count) => senders.before(sender, { run: RUN, count }) === "flood");
  refuse("ann", [1, 2, 3]);
  refuse("bob", [1, 2]);
  assertEquals([refused("ann"), refused("bob")], [[2, 3], [1, 2]]);
  refuse("cam", [3, 4]);
  assertEquals([refused("ann"), refused("bob"), refused("cam")], [[], [1, 2], [3, 4]]);
});

Deno.test("senders: the last 256 refusals of a run are known, behind what was taken later", () => {
  const senders = new Senders();
  for (let count = 1; count <= 300; count++) senders.refused("ann", { run: RUN, count }, "flood");
  assertEquals(senders.before("ann", { run: RUN, count: 300 }), undefined, "none is taken: new");
  senders.took("ann", { run: RUN, count: 301 });
  senders.refused("ann", { run: RUN, count: 7 }, "flood");
  assertEquals(
    [300, 45, 44, 7, 301].map((count) => senders.before("ann", { run: RUN, count })),
    ["flood", "flood", "taken", "taken", "taken"],
  );
});
