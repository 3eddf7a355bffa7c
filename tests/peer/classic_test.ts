/** Private chats with a client of the original program, in a virtual network. */
import { assert, assertEquals } from "../support/assert.ts";
import { VirtualClassic, type VirtualClient, VirtualWorld } from "../support/virtual_world.ts";

function pair(names: [string, string] = ["ann", "old"], accept: "ask" | "all" = "all"): {
  world: VirtualWorld;
  ann: VirtualClient;
  old: VirtualClassic;
} {
  const world = new VirtualWorld();
  const ann = world.add(names[0], { accept });
  const old = new VirtualClassic(world, names[1], "10.0.0.99");
  world.pass(100);
  return { world, ann, old };
}

function texts(client: VirtualClient): string[] {
  return client.told("private").map(({ text }) => text);
}

Deno.test("ours starts: one offer, the classic peer dials, both talk", () => {
  const { world, ann, old } = pair();
  ann.do({ command: "chat", to: "old", text: "one" });
  ann.do({ command: "chat", to: "old", text: "two" });
  world.pass(1_000);
  assertEquals(ann.chats, ["old open"]);
  assertEquals(ann.told("session").map(({ classic, encrypted }) => [classic, encrypted]), [[
    true,
    false,
  ]]);
  assertEquals(old.heard, ["one", "two"], "each text is a read of its own");
  old.say("three 漢字");
  world.pass(20_000);
  assertEquals(texts(ann), ["three 漢字"]);
  assertEquals(old.heard, ["one", "two"], "no further offer made it dial again");
  assertEquals(ann.connections, 1);
});

Deno.test("texts to a classic peer: 300 ms after the name, 100 ms apart, 1,000 bytes at most", () => {
  const { world, ann, old } = pair(["ann", "old"], "ask");
  old.start(ann);
  world.pass(20);
  assertEquals(ann.told("invite"), [{ event: "invite", from: "old" }]);
  ann.do({ command: "accept", to: "old" });
  const long = "é🙂".repeat(400);
  ann.do({ command: "chat", to: "old", text: "first" });
  ann.do({ command: "chat", to: "old", text: long });
  world.pass(200);
  assertEquals(old.heard, ["ann"], "the name alone");
  world.pass(150);
  assertEquals(old.heard, ["ann", "first"]);
  world.pass(1_000);
  const pieces = old.heard.slice(2);
  assertEquals(pieces.join(""), long);
  assert(pieces.length === 3 && pieces.every((p) => new TextEncoder().encode(p).length <= 1_000));
});

Deno.test("a character split across reads is put together again", () => {
  const { world, ann, old } = pair();
  old.start(ann);
  world.pass(100);
  const bytes = new TextEncoder().encode("漢");
  ann.engine.linkReceived(1, bytes.subarray(0, 2), world.now);
  ann.engine.linkReceived(1, bytes.subarray(2), world.now);
  assertEquals(texts(ann), ["漢"]);
});

Deno.test("asked, rejected: the classic peer hears nothing and is not dialled", () => {
  const { world, ann, old } = pair(["ann", "old"], "ask");
  old.start(ann);
  world.pass(20);
  ann.do({ command: "reject", to: "old" });
  world.pass(1_000);
  assertEquals([old.heard, ann.connections], [[], 0]);
  assertEquals(ann.chats, ["old closed rejected"]);
});

Deno.test("both start: one chat, whichever name is lower, and all texts arrive", () => {
  for (const names of [["ann", "old"], ["zoe", "old"]] as [string, string][]) {
    for (let lead = -20; lead <= 20; lead++) {
      const { world, ann, old } = pair(names, "ask");
      if (lead < 0) old.start(ann);
      else ann.do({ command: "start", to: "old" });
      world.pass(Math.abs(lead));
      if (lead < 0) ann.do({ command: "start", to: "old" });
      else old.start(ann);
      world.pass(2_000);
      if (ann.chats.length === 0) ann.do({ command: "accept", to: "old" });
      world.pass(1_000);
      const label = `${names} ${lead}`;
      assertEquals(ann.chats, ["old open"], label);
      old.say("from old");
      ann.do({ command: "chat", to: "old", text: "from ours" });
      world.pass(1_000);
      assertEquals(texts(ann), ["from old"], label);
      assertEquals(old.heard.filter((text) => text === "from ours").length, 1, label);
      assertEquals(ann.told("error"), [], label);
    }
  }
});

Deno.test("a second offer of a classic peer while the chat is open is one more link of it", () => {
  const { world, ann, old } = pair();
  old.start(ann);
  world.pass(1_000);
  old.say("on the first");
  world.pass(20);
  old.start(ann);
  world.pass(1_000);
  old.say("on the second");
  ann.do({ command: "chat", to: "old", text: "to the newest" });
  world.pass(1_000);
  assertEquals(texts(ann), ["on the first", "on the second"]);
  assertEquals(old.heard.at(-1), "to the newest");
  assertEquals([ann.chats, ann.connections], [["old open"], 2]);
});

Deno.test("the classic peer hangs up: the chat ends once; it can be opened again", () => {
  const { world, ann, old } = pair();
  ann.do({ command: "start", to: "old" });
  world.pass(1_000);
  old.hangUp();
  world.pass(100);
  assertEquals(ann.chats, ["old open", "old closed quit"]);
  assertEquals([ann.listening, ann.connections], [0, 0]);
  const again = new VirtualClassic(world, "old", "10.0.0.99");
  world.pass(100);
  ann.do({ command: "chat", to: "old", text: "welcome back" });
  world.pass(1_000);
  assertEquals(again.heard, ["welcome back"]);
});

Deno.test("ours closes: the classic peer's connection ends, and either can start again", () => {
  const { world, ann, old } = pair();
  ann.do({ command: "start", to: "old" });
  world.pass(1_000);
  ann.do({ command: "close", to: "old" });
  world.pass(100);
  assertEquals(old.heard, ["(closed)"]);
  old.start(ann);
  world.pass(500);
  assertEquals(ann.chats, ["old open", "old closed closed", "old open"]);
});

Deno.test("close and start at once: the new chat waits until the old one is gone there", () => {
  for (const how of ["start", "chat"] as const) {
    const { world, ann, old } = pair();
    old.start(ann);
    world.pass(1_000);
    ann.do({ command: "close", to: "old" });
    if (how === "start") ann.do({ command: "start", to: "old" });
    ann.do({ command: "chat", to: "old", text: "again" });
    world.pass(1_000);
    assertEquals(ann.chats, ["old open", "old closed closed", "old open"], how);
    assertEquals(old.heard, ["ann", "(closed)", "again"], how);
    old.say("yes");
    world.pass(100);
    assertEquals(texts(ann), ["yes"], how);
  }
});

Deno.test("the classic peer starts several times at once: one link, one chat", () => {
  const { world, ann, old } = pair();
  for (let i = 0; i < 6; i++) old.start(ann);
  world.pass(1_000);
  assertEquals([ann.chats, ann.connections], [["old open"], 1]);
  old.say("hello");
  world.pass(100);
  assertEquals(texts(ann), ["hello"]);
});

Deno.test("close delivers the texts that still wait; quit says how many it could not", () => {
  const many = Array.from({ length: 120 }, (_, i) => `t${i}`);
  for (const [command, delivered] of [["close", 120], ["quit", 98]] as const) {
    const { world, ann, old } = pair();
    ann.do({ command: "start", to: "old" });
    world.pass(1_000);
    for (const text of many) ann.do({ command: "chat", to: "old", text });
    ann.do(command === "close" ? { command, to: "old" } : { command });
    world.pass(15_000);
    const heard = old.heard.filter((text) => text !== "(closed)");
    assertEquals(heard, many.slice(0, heard.length));
    assert(heard.length >= delivered, `${heard.length} delivered`);
    const lost = ann.told("error").map(({ message }) => message);
    const missing = many.length - heard.length;
    assertEquals(
      lost,
      missing === 0 ? [] : [`Left before all was sent: ${missing} messages were not`],
    );
    assertEquals(ann.connections, 0);
  }
});

Deno.test("silent links while we dial do not end our own attempt", () => {
  const { world, ann, old } = pair(["zoe", "old"]);
  ann.do({ command: "start", to: "old" });
  old.start(ann);
  world.pass(7);
  const [[, accept] = []] = [...world.tcp].filter(([at]) => at.startsWith(ann.ip));
  for (let i = 0; i < 5; i++) {
    accept?.({ ip: "10.0.0.66", port: 1 }, { deliver: () => {}, end: () => {} });
  }
  world.pass(10_000);
  assertEquals(ann.chats, ["old open"]);
  ann.engine.quit(true, world.now);
  world.pass(100);
  assertEquals(ann.engine.outcome?.reason, "quit");
});

Deno.test("a silent link to the port of an open chat does not keep us from quitting", () => {
  const { world, ann } = pair();
  ann.do({ command: "start", to: "old" });
  world.pass(1_000);
  const [[, accept] = []] = [...world.tcp].filter(([at]) => at.startsWith(ann.ip));
  accept?.({ ip: "10.0.0.66", port: 1 }, { deliver: () => {}, end: () => {} });
  assertEquals(ann.connections, 2);
  ann.do({ command: "quit" });
  world.pass(100);
  assertEquals([ann.engine.outcome?.reason, ann.connections, ann.listening], ["quit", 0, 0]);
});

Deno.test("an offer from another IP than the registered one, or under no known name: no invite", () => {
  const { world, ann } = pair(["ann", "old"], "ask");
  const forged = new TextEncoder().encode(
    JSON.stringify({ type: "tcp_port_info", username: "old", tcp_port: 5000 }),
  );
  ann.engine.datagram(forged, { ip: "10.0.0.66", port: 1 }, world.now);
  const unknown = new TextEncoder().encode(
    JSON.stringify({ type: "tcp_port_info", username: "nobody", tcp_port: 5000 }),
  );
  ann.engine.datagram(unknown, { ip: "10.0.0.99", port: 1 }, world.now);
  world.pass(1_000);
  assertEquals([ann.told("invite"), ann.connections], [[], 0]);
});

Deno.test("a link to an offer's port must begin with the peer's name and come from its IP", () => {
  const { world, ann } = pair();
  // Nobody answers at that name's port, so that the test's own links are the only ones.
  world.fate = () => undefined;
  ann.do({ command: "start", to: "old" });
  world.pass(100);
  const [[at, accept] = ["", undefined]] = [...world.tcp].filter(([at]) => at.startsWith(ann.ip));
  assert(at && accept);
  const seen: string[] = [];
  const connect = (ip: string, text: string): void => {
    const pipe = accept({ ip, port: 1 }, { deliver: () => {}, end: () => seen.push(text) });
    pipe.deliver(new TextEncoder().encode(text));
  };
  connect("10.0.0.99", "bob");
  connect("10.0.0.99", "olx");
  connect("10.0.0.66", "old");
  connect("10.0.0.99", "\0\0\0\x02hi");
  world.pass(100);
  assertEquals(seen, ["bob", "olx", "old", "\0\0\0\x02hi"], "each is closed");
  assertEquals(ann.chats, []);
  connect("10.0.0.99", "ol");
  connect("10.0.0.99", "oldhello");
  world.pass(100);
  assertEquals(ann.chats, ["old open"]);
  assertEquals(texts(ann), ["hello"], "what follows the name in the same read is a text");
});
