/** What the client's events say of what one call of `send` was to say. */
import type { ClientEvent, SessionEvent } from "../../lib/peer/events.ts";
import { Sending } from "../../lib/ui/sending.ts";
import { assertEquals } from "../support/assert.ts";

function session(peer: string, reason?: SessionEvent["reason"]): SessionEvent {
  const facts = { path: "direct", encrypted: true, verified: false, classic: false } as const;
  if (reason === undefined) return { event: "session", peer, state: "open", ...facts };
  return { event: "session", peer, state: "closed", reason, ...facts };
}

function error(code: string): ClientEvent {
  return { event: "error", code, message: `because of ${code}` };
}

const OPEN = session("Bob");
const LEFT = session("bob", "quit");

const CASES: readonly [
  what: string,
  to: string,
  events: readonly (ClientEvent | "done")[],
  code: string | undefined,
][] = [
  ["to all, nothing said against it", "room", ["done"], undefined],
  ["to all, refused", "room", [error("flood")], "flood"],
  ["to all, the registry comes and goes", "room", [error("not-connected"), "done"], undefined],
  ["the store is full", "room", [error("store"), "done"], undefined],
  ["another session has the name", "room", ["done", error("taken-over")], "taken-over"],
  ["to all, a chat of nobody's", "room", [session("bob", "rejected"), "done"], undefined],
  ["opened, said, left", "bob", [OPEN, "done", session("bob", "quit")], undefined],
  ["opened, said, closed there", "bob", [OPEN, "done", session("bob", "closed")], undefined],
  ["opened, lost at the end", "bob", [OPEN, "done", session("bob", "lost")], "lost"],
  ["left unconfirmed", "bob", [OPEN, "done", { ...LEFT, unconfirmed: 1 }], "quit"],
  ["closed there before all was said", "bob", [OPEN, session("bob", "quit"), "done"], "quit"],
  ["not opened", "bob", ["done", session("bob", "expired")], "expired"],
  ["its error says more", "bob", [error("rejected"), session("bob", "rejected")], "rejected"],
  ["another key", "bob", [error("key-changed")], "key-changed"],
  ["of somebody else", "bob", [OPEN, "done", session("bob~2", "lost"), OPEN], undefined],
];

for (const [what, to, events, code] of CASES) {
  Deno.test(`send ${to}: ${what}: ${code ?? "said"}`, () => {
    const sending = new Sending(to);
    for (const event of events) {
      if (event === "done") sending.done();
      else sending.heard(event);
    }
    assertEquals(sending.failure?.code, code);
  });
}

Deno.test("send: the time is over: only if the chat is not open; the first reason stays", async () => {
  const sending = new Sending("bob");
  sending.heard(OPEN);
  await sending.decided;
  sending.outOfTime(5);
  assertEquals(sending.failure, undefined);
  const late = new Sending("bob");
  late.outOfTime(5);
  late.heard(session("bob", "closed"));
  await late.decided;
  assertEquals(late.failure, { code: "no-answer", message: "bob has not accepted within 5 s" });
});
