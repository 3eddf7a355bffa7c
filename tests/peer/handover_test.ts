/** A name that changes hands while something is open or on its way under it. */
import { assert, assertEquals } from "../support/assert.ts";
import { VirtualClassic, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

/** Somebody without a key has a chat with ann as bob, leaves, and bob comes. */
function impostor(): { world: VirtualWorld; ann: VirtualClient; plain: VirtualClassic } {
  const world = new VirtualWorld();
  const ann = world.add("ann", { accept: "all" });
  world.pass(100);
  const plain = new VirtualClassic(world, "bob", "10.9.9.9");
  world.pass(100);
  return { world, ann, plain };
}

function heardOf(client: VirtualClient): string[] {
  return client.told("private").map(({ text }) => text);
}

Deno.test("a chat in the clear ends when its name is somebody's with a key", () => {
  const { world, ann, plain } = impostor();
  plain.start(ann);
  world.pass(3_000);
  assertEquals(ann.chats, ["bob open"]);
  plain.leave();
  world.pass(100);
  const bob = world.add("bob", { accept: "all" });
  world.pass(100);
  assertEquals(ann.chats.at(-1), "bob closed key-changed");
  ann.do({ command: "chat", to: "bob", text: "the secret" });
  plain.say("I am bob");
  world.pass(3_000);
  assertEquals(heardOf(bob), ["the secret"]);
  assertEquals(plain.heard.join().includes("secret"), false);
  assertEquals(heardOf(ann), [], "nor is the other one heard");
  assertEquals(ann.told("session").at(-1)?.encrypted, true);
});

Deno.test("the same, if ann was away from the registry meanwhile", () => {
  const { world, ann, plain } = impostor();
  plain.start(ann);
  world.pass(3_000);
  world.setRegistry(false);
  world.setRegistry(true);
  const bob = world.add("bob", { accept: "all" });
  world.pass(10_000);
  assert(ann.told("registered").length > 1);
  assertEquals(ann.chats, ["bob open", "bob closed key-changed"]);
  ann.do({ command: "chat", to: "bob", text: "the secret" });
  world.pass(3_000);
  assertEquals([heardOf(bob), plain.heard.join().includes("secret")], [["the secret"], false]);
});

Deno.test("a link in the clear that is on its way comes to nothing", () => {
  for (const who of ["it started", "we started"]) {
    const { world, ann, plain } = impostor();
    if (who === "it started") plain.start(ann);
    else ann.do({ command: "chat", to: "bob", text: "hello" });
    plain.leave();
    const bob = world.add("bob", { accept: "all" });
    world.pass(20_000);
    ann.do({ command: "chat", to: "bob", text: "the secret" });
    world.pass(3_000);
    assertEquals(plain.heard.join().includes("secret"), false, who);
    assertEquals(heardOf(bob).includes("the secret"), true, who);
    assertEquals(ann.told("session").at(-1)?.encrypted, true, who);
  }
});

Deno.test("crossing offers: whoever cannot be reached, the chat opens within 3 s the other way", () => {
  for (const deaf of ["ann", "bob"]) {
    const world = new VirtualWorld();
    const [ann, bob] = [world.add("ann"), world.add("bob")];
    world.pass(100);
    // Nobody gets through to that one's ports.
    const unreachable = deaf === "ann" ? ann : bob;
    const listen = unreachable.listen.bind(unreachable);
    unreachable.listen = (offer) => {
      listen(offer);
      for (const at of [...world.tcp.keys()]) {
        if (at.startsWith(`${unreachable.ip} `)) world.tcp.delete(at);
      }
    };
    ann.do({ command: "start", to: "bob" });
    bob.do({ command: "start", to: "ann" });
    world.pass(3_000);
    assertEquals([ann.chats, bob.chats], [["bob open"], ["ann open"]], deaf);
    assertEquals([...ann.told("error"), ...bob.told("error")], [], deaf);
    assertEquals([ann.connections, bob.connections, ann.listening, bob.listening], [1, 1, 0, 0]);
  }
});
