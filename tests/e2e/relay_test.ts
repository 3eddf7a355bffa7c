/** Private chats of the real programs where there is no direct way: through the registry. */
import { testWith } from "../support/permitted.ts";
import { type Program, startClient, startServer } from "../support/program.ts";

const NEEDS = ["net", "run", "read"] as const;
/** Of the range for documentation (RFC 5737): it leads nowhere. */
const NOWHERE = "192.0.2.1";

async function say(
  from: Program,
  to: Program,
  names: [string, string],
  text: string,
): Promise<void> {
  await from.type(`/chat ${names[1]} ${text}`);
  await to.next("private", { from: names[0], text, encrypted: true });
}

testWith(
  NEEDS,
  "no datagram and no dial gets through: the chat opens and goes on through the registry",
  async () => {
    const { server, port } = await startServer();
    await using _ = server;
    await using ann = await startClient("ann", port, ["--ip", NOWHERE]);
    await using bob = await startClient("bob", port, ["--accept", "all"]);
    await ann.next("join", { username: "bob" });
    await ann.type("/chat bob hello");
    const open = { state: "open", path: "relay", encrypted: true };
    await ann.next("session", { peer: "bob", ...open });
    await bob.next("session", { peer: "ann", ...open });
    await bob.next("private", { from: "ann", text: "hello", encrypted: true });
    for (let n = 0; n < 20; n++) {
      await say(ann, bob, ["ann", "bob"], `${n}`);
      await say(bob, ann, ["bob", "ann"], `${n}`);
    }
    // Both are seen under one address: each can be dialled at that of its own machine.
    for (const { events } of [ann, bob]) {
      await events.some(
        ({ event, path }) => event === "session" && (path === "direct" || path === "reversed"),
        "a better path",
      );
    }
    await say(ann, bob, ["ann", "bob"], "one more");
    await ann.type("/close bob");
    await bob.next("session", { peer: "ann", state: "closed", reason: "closed" });
  },
);
