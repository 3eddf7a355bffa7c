/** Whom our user wants to hear nothing of; what a damaged store means; names that look alike. */
import { identityOf } from "../../lib/crypto/identity.ts";
import { MemoryStore } from "../../lib/store/store.ts";
import { assertEquals } from "../support/assert.ts";
import { dropped } from "../support/signed_offers.ts";
import {
  seedOf,
  VirtualClassic,
  type VirtualClient,
  VirtualWorld,
} from "../support/virtual_world.ts";

interface Three {
  readonly world: VirtualWorld;
  readonly store: MemoryStore;
  readonly ann: VirtualClient;
  readonly bob: VirtualClient;
  readonly carol: VirtualClient;
}

function three(accept: "all" | "ask" = "all"): Three {
  const world = new VirtualWorld();
  const store = new MemoryStore();
  const ann = world.add("ann", { store, accept });
  const [bob, carol] = [world.add("bob", { accept: "all" }), world.add("carol")];
  world.pass(100);
  return { world, store, ann, bob, carol };
}

function errors(client: VirtualClient): string[] {
  return client.told("error").map(({ code }) => code);
}

Deno.test("block: offers dropped and counted, broadcasts hidden, nothing begun; unblock undoes", () => {
  const { world, ann, bob, carol } = three();
  ann.do({ command: "block", to: "BOB" });
  assertEquals(ann.told("block"), [{ event: "block", peer: "bob", blocked: true }]);
  bob.do({ command: "broadcast", text: "of bob" });
  carol.do({ command: "broadcast", text: "of carol" });
  bob.do({ command: "start", to: "ann" });
  world.pass(12_000);
  assertEquals(ann.told("broadcast").map(({ from }) => from), ["carol"]);
  assertEquals([dropped(ann), ann.chats], [{ blocked: 6 }, []]);
  assertEquals(world.datagrams.filter(({ from }) => from.ip === ann.ip), [], "not even an answer");
  assertEquals(bob.told("error").map(({ code }) => code), ["no-answer"]);
  ann.do({ command: "start", to: "bob" });
  ann.do({ command: "chat", to: "bob", text: "no" });
  assertEquals(errors(ann), ["bad-command", "bad-command"]);
  ann.do({ command: "peers" });
  const blocked = ann.told("peers").at(-1)?.peers.filter((peer) => peer.blocked);
  assertEquals(blocked?.map(({ username }) => username), ["bob"]);
  ann.do({ command: "unblock", to: "bob" });
  bob.do({ command: "broadcast", text: "again" });
  bob.do({ command: "chat", to: "ann", text: "hello" });
  world.pass(1_000);
  assertEquals(ann.told("broadcast").map(({ text }) => text), ["of carol", "again"]);
  assertEquals(ann.told("private").map(({ text }) => text), ["hello"]);
});

Deno.test("block ends the open chat, the one on its way, and the invite", () => {
  const { world, ann, bob, carol } = three("ask");
  ann.do({ command: "chat", to: "bob", text: "hello" });
  world.pass(100);
  ann.do({ command: "block", to: "bob" });
  world.pass(100);
  assertEquals([ann.chats, bob.chats].map((chats) => chats.at(-1)), [
    "bob closed blocked",
    "ann closed blocked",
  ]);
  bob.do({ command: "chat", to: "ann", text: "why?" });
  ann.do({ command: "unblock", to: "bob" });
  ann.do({ command: "start", to: "carol" });
  world.pass(20);
  ann.do({ command: "block", to: "carol" });
  world.pass(100);
  assertEquals(ann.chats.at(-1), "carol closed blocked");
  carol.do({ command: "accept", to: "ann" });
  world.pass(20_000);
  assertEquals([ann.listening, ann.connections, carol.connections], [0, 0, 0]);
  ann.do({ command: "unblock", to: "carol" });
  carol.do({ command: "start", to: "ann" });
  world.pass(100);
  assertEquals(ann.told("invite").at(-1)?.from, "carol");
  ann.do({ command: "block", to: "carol" });
  ann.do({ command: "accept", to: "carol" });
  assertEquals(errors(ann).at(-1), "bad-command");
});

for (const [named, other] of [["bob", "bob~2"], ["bob~2", "bob"], ["bob", "robert"]] as const) {
  Deno.test(`block ${named}: the same key as ${other} is not heard, either; its open chat ends`, () => {
    const { world, ann, bob } = three();
    const bobs = identityOf(seedOf("bob"), true);
    const name = other === "robert" ? other : "bob";
    const second = world.add(name, { identity: bobs, accept: "all", ip: "10.0.0.22" });
    world.pass(2_000);
    const [present] = second.told("registered");
    assertEquals(present?.username, other === "robert" ? other : "bob~2");
    for (const to of [named, other]) ann.do({ command: "chat", to, text: "hello" });
    world.pass(500);
    assertEquals(ann.chats.toSorted(), [`${named} open`, `${other} open`].toSorted());
    ann.do({ command: "block", to: named });
    world.pass(100);
    for (const client of [bob, second]) client.do({ command: "chat", to: "ann", text: "heard?" });
    world.pass(500);
    assertEquals(ann.told("private"), [], "nothing of either is heard");
    assertEquals(
      ann.chats.filter((chat) => chat.includes("closed")).toSorted(),
      [`${named} closed blocked`, `${other} closed blocked`].toSorted(),
    );
  });
}

Deno.test("a block is there in the next run, and also for a key under another name", () => {
  const { world, store, ann } = three();
  ann.do({ command: "block", to: "bob" });
  ann.do({ command: "quit" });
  const again = world.add("ann", { store, accept: "all" });
  const identity = identityOf(seedOf("bob"), true);
  const robert = world.add("robert", { identity });
  world.pass(2_000);
  const bob = world.clients.find(({ name }) => name === "bob");
  for (const client of [bob, robert]) client?.do({ command: "broadcast", text: "hello" });
  robert.do({ command: "start", to: "ann" });
  world.pass(12_000);
  assertEquals([again.told("broadcast"), again.chats, dropped(again)], [[], [], { blocked: 6 }]);
});

Deno.test("a classic user is blocked by name", () => {
  const { world, ann } = three();
  const old = new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  ann.do({ command: "chat", to: "old", text: "hello" });
  world.pass(1_000);
  ann.do({ command: "block", to: "old" });
  world.pass(1_000);
  assertEquals(ann.chats, ["old open", "old closed blocked"]);
  old.start(ann);
  world.pass(1_000);
  assertEquals([dropped(ann), ann.connections], [{ blocked: 1 }, 0]);
});

const KEY = identityOf(seedOf("bob"), true).publicKey;
const DAMAGED: Record<string, string> = {
  "empty": "",
  "no JSON": "{",
  "null": "null",
  "a text": `"${KEY}"`,
  "a list": "[]",
  "another version": `{"v":2,"key":"${KEY}","verified":true}`,
  "no mark": `{"v":1,"key":"${KEY}"}`,
  "a mark that is none": `{"v":1,"key":"${KEY}","verified":"yes"}`,
  "a key that is none": `{"v":1,"key":"","verified":true}`,
  "a key in capitals": `{"v":1,"key":"${KEY.toUpperCase()}","verified":true}`,
  "an object for a key": `{"v":1,"key":{},"verified":true}`,
};
for (const [what, value] of Object.entries(DAMAGED)) {
  Deno.test(`a stored pin that is ${what}: as one of another key, until trust; never an exception`, () => {
    const { world, store } = three();
    store.set(`pin/${world.registryIdentity.publicKey}/bob`, value);
    store.set(`pin/${world.registryIdentity.publicKey}/`, value);
    store.set(`block/${world.registryIdentity.publicKey}/carol`, value);
    const ann = world.add("zoe", { store, accept: "all" });
    world.pass(100);
    const [bob, carol] = ["bob", "carol"].map((of) =>
      world.clients.find(({ name }) => name === of)
    );
    assertEquals(errors(ann), ["key-changed"]);
    ann.do({ command: "chat", to: "bob", text: "hello" });
    for (const client of [bob, carol]) client?.do({ command: "start", to: "zoe" });
    world.pass(15_000);
    assertEquals([ann.chats, errors(ann)], [[], ["key-changed", "key-changed"]]);
    assertEquals(dropped(ann), { "key-changed": 6, blocked: 6 });
    ann.do({ command: "trust", to: "bob" });
    ann.do({ command: "chat", to: "bob", text: "hello" });
    world.pass(500);
    assertEquals(bob?.told("private").map(({ text }) => text), ["hello"]);
  });
}

/** paypal, in Cyrillic letters throughout. */
const CYRILLIC = "раура\u04cf";

Deno.test("a name that looks like another is told as such: at once, on coming, of those known", () => {
  const world = new VirtualWorld();
  const store = new MemoryStore();
  const ann = world.add("ann", { store });
  world.add("paypal");
  world.pass(100);
  world.add("paypa1");
  world.add(CYRILLIC, { ip: "10.0.0.40" });
  world.add("someone");
  world.pass(100);
  const looks = (events: readonly { username: string; looksLike?: string }[]): string[] =>
    events.flatMap(({ username, looksLike }) => looksLike ? [`${username} ${looksLike}`] : []);
  assertEquals(looks(ann.told("join")).slice(0, 2), [
    "paypa1 paypal",
    `${CYRILLIC} paypal`,
  ]);
  const late = world.add("late");
  world.pass(100);
  const told = looks(late.told("registered")[0]?.peers ?? []);
  assertEquals(told, ["paypa1 paypal", `${CYRILLIC} paypal`], "who was first is not told of");
  const own = world.add("Ann1");
  const like = world.add("AnnI");
  world.pass(100);
  assertEquals(looks(own.told("join")), ["AnnI Ann1"], "like our own name");
  assertEquals(looks(like.told("registered")[0]?.peers ?? []).at(-1), "Ann1 AnnI");
});
