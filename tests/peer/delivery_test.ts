/** What we say to the room: numbered, acknowledged, sent again, and told if it did not arrive. */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { PlayedRegistry, RUN, welcome } from "../support/played_registry.ts";

const EPOCH = "0e1e2e3e4e5e6e7e";

/** ann, in the room of a registry that takes as many messages as come, or so many a second. */
function inRoom(rate = 0): PlayedRegistry {
  const it = new PlayedRegistry();
  it.register({ rate });
  return it;
}

function say(count: number, text: string): string {
  return `SAY:${RUN}.${count}:${text.length}:${text}`;
}

function ack(count: number, number: number, epoch = EPOCH): string {
  return `ACK:${RUN}.${count}:${epoch}:${number}`;
}

function lines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}`);
}

Deno.test("each broadcast has an id of its own, and waits for its acknowledgement", () => {
  const it = inRoom();
  it.say("one", "two");
  assertEquals(it.take(), [say(1, "one"), say(2, "two")]);
  assertEquals(it.engine.pending, 2);
  it.tell(ack(1, 1), ack(2, 2));
  assertEquals([it.engine.pending, it.take(), it.errors], [0, [], []]);
  it.tell(ack(2, 2));
  it.say("three");
  assertEquals([it.take(), it.engine.pending], [[say(3, "three")], 1]);
});

Deno.test("what was not acknowledged is sent again, same ids, in order, before anything new", () => {
  for (const way of ["resume", "register"] as const) {
    const it = inRoom();
    it.say(...lines(4));
    it.tell(ack(2, 1));
    it.take();
    it.lose();
    it.say("said while away");
    assertEquals(it.errors, ["not-connected"], "that is told of the connection alone");
    it.pass(1_000, () => it.connected);
    let sent: string[];
    if (way === "resume") {
      [, ...sent] = it.resume({ token: "51".repeat(16), number: 1 });
    } else {
      it.greet();
      it.tell("ERROR:no-session:gone");
      assertEquals(it.take().map((each) => each.split(":")[0]), ["REGISTER"]);
      it.tell(welcome({ number: 1 }), it.roster());
      sent = it.take();
    }
    const again = [say(1, "line 1"), say(3, "line 3"), say(4, "line 4")];
    assertEquals(sent, [...again, say(5, "said while away")], way);
    assertEquals(it.engine.pending, 4);
    it.tell(ack(1, 0), ack(3, 0), ack(4, 2), ack(5, 3));
    assertEquals([it.engine.pending, it.errors], [0, ["not-connected"]], "and no refusal is told");
  }
});

Deno.test("an acknowledgement that comes with what was missed spares the sending again", () => {
  const it = inRoom(1);
  it.say("one", "two", "three");
  it.pass(10_000);
  assertEquals(it.take().length, 3);
  it.reconnect();
  assertEquals(it.resume({ rate: 1, number: 2 }).slice(1).length <= 1, true, "at its pace");
  it.tell(ack(1, 1), ack(2, 2), ack(3, 3));
  it.pass(10_000);
  assertEquals([it.take(), it.engine.pending], [[], 0]);
});

Deno.test("a refusal is told with its code and the text, and the message is not sent again", () => {
  const it = inRoom();
  const long = "x".repeat(200);
  it.say("one", long);
  it.take();
  it.tell(`NAK:${RUN}.1:flood:too fast`, `NAK:${RUN}.2:brand-new:no more`);
  const [first, second] = it.told("error");
  assertEquals([first?.code, second?.code], ["flood", "brand-new"]);
  assertEquals(first?.message, 'Not sent: "one": too fast');
  assertStringIncludes(second?.message ?? "", `"${"x".repeat(40)}…"`);
  it.tell(`NAK:${RUN}.1:flood:too fast`);
  it.reconnect();
  it.resume();
  assertEquals([it.take(), it.engine.pending, it.errors.length], [[], 0, 3]);
});

Deno.test("no more than 256 are out without an answer; each answer lets the next one go", () => {
  const it = inRoom();
  it.say(...lines(300));
  assertEquals(it.take().length, 256);
  it.pass(10_000);
  assertEquals(it.take(), []);
  it.tell(ack(1, 1), ack(2, 2), `NAK:${RUN}.3:flood:too fast`);
  assertEquals(it.take(), [257, 258, 259].map((count) => say(count, `line ${count}`)));
  assertEquals(it.engine.pending, 297);
});

Deno.test("never faster than nine tenths of the told rate, with its bursts, over lost connections, too", () => {
  const rate = 10;
  const it = inRoom(rate);
  // CAPS, IDENTITY and RESUME count at the registry, too.
  const greeting = 3;
  let [sent, number] = [0, 0];
  const taken = (payloads: readonly string[]): string[] => {
    const ids = payloads.filter((each) => each.startsWith("SAY")).map((each) => each.split(":")[1]);
    sent += ids.length;
    return ids.map((id) => `ACK:${id}:${EPOCH}:${++number}`);
  };
  it.say(...lines(200));
  it.tell(...taken(it.take()));
  assertEquals(sent, rate, "a burst");
  for (let connection = 1; connection <= 10; connection++) {
    it.pass(500);
    it.tell(...taken(it.take()));
    it.pass(500);
    // The acknowledgements of these are lost, so they are sent again.
    taken(it.take());
    it.reconnect();
    const [, ...again] = it.resume({ rate, number });
    it.tell(...taken(again));
    const most = rate + 0.9 * rate * it.now / 1_000;
    assert(sent + (connection - 1) * greeting <= most, `${sent} in ${it.now} ms`);
  }
  assert(sent > 70, `${sent}: it goes on`);
});

Deno.test("bytes are counted, too, but where the registry takes as many messages as come", () => {
  for (const rate of [0, 100]) {
    const it = inRoom(rate);
    it.say(...Array<string>(50).fill("x".repeat(4_096)));
    const atOnce = it.take().length;
    assertEquals(atOnce, rate === 0 ? 50 : 15, `${rate}`);
    it.pass(10_000);
    assertEquals(it.take().length, rate === 0 ? 0 : 35);
  }
});

Deno.test("what waits is bounded, in the room and while the registry is away", () => {
  const it = inRoom();
  it.lose();
  it.say(...lines(10_001));
  assertEquals([it.engine.pending, it.errors], [10_000, ["not-connected", "flood"]]);
});

Deno.test("before the first registration there is no room to say something to", () => {
  const it = new PlayedRegistry();
  it.say("too early");
  assertEquals([it.errors, it.engine.pending], [["not-connected"], 0]);
});

Deno.test("quitting waits for acknowledgements, and QUIT comes after them", () => {
  for (const patient of [true, false]) {
    const it = inRoom();
    it.say("one", "two");
    it.take();
    it.engine.quit(patient, it.now);
    it.pass(5_000);
    assertEquals([it.take(), it.engine.outcome], [[], undefined]);
    it.tell(ack(1, 1));
    assertEquals(it.engine.outcome, undefined);
    it.tell(ack(2, 2));
    assertEquals([it.take(), it.engine.outcome?.message], [["QUIT"], ""]);
  }
});

Deno.test("what was not acknowledged at the end is told, after 10 s by command, 30 s at the end of input", () => {
  for (const [patient, seconds] of [[false, 10], [true, 30]] as const) {
    const it = inRoom();
    it.say("one", "two", "three");
    it.tell(ack(1, 1));
    it.engine.quit(patient, it.now);
    // The registry is there, but answers no message.
    for (let second = 1; second < seconds; second++) {
      it.pass(1_000);
      it.tell("PING:1");
      assertEquals(it.engine.outcome, undefined, `after ${second} s`);
    }
    it.pass(1_000);
    const message = "Left before all was sent: 2 messages were not";
    assertEquals(it.engine.outcome, { reason: "quit", message });
    assertEquals(it.told("error").map((event) => event.message), [message]);
  }
});

Deno.test("at the end of input a lost registry is waited for, 60 s", () => {
  for (const back of [true, false]) {
    const it = inRoom();
    it.say("one");
    it.lose();
    it.engine.quit(true, it.now);
    it.pass(300, () => it.connected);
    if (back) {
      it.resume();
      it.tell(ack(1, 1));
    } else {
      for (let i = 0; i < 100 && !it.engine.outcome; i++) {
        if (it.connected) it.lose();
        it.pass(1_000);
      }
    }
    assertEquals(it.engine.outcome?.message === "", back);
  }
});

Deno.test("a registry without `resume`: BROADCAST, as it ever was", () => {
  const it = new PlayedRegistry();
  it.capabilities = "keys";
  it.greet();
  it.tell(it.roster());
  it.say("hi");
  assertEquals([it.take(), it.engine.pending], [["BROADCAST:ann:2:hi"], 0]);
  it.tell(ack(1, 1), "SAID:" + EPOCH + ":1:bob:-:2:hi", "GAP:5:5", "RETRY:3600", welcome());
  it.tell("BROADCAST:bob:2:ho", "UPDATE:JOIN:bob:10.0.0.9:5000:b0b0b0b0b0b0b0b0:-");
  assertEquals(it.events.map(({ event }) => event), ["registered", "broadcast", "join"]);
  it.pass(120_000);
  assertEquals([it.take(), it.connected], [[], true], "nor is it asked whether it is there");
  it.reconnect();
  assertEquals(it.greet().map((each) => each.split(":")[0]), ["IDENTITY", "REGISTER"]);
  it.tell(it.roster());
  assertEquals(it.told("registered").length, 2);
  assertEquals(it.told("gap"), []);
});

Deno.test("a registry that does not acknowledge any more is not sent what may be there already", () => {
  const it = inRoom();
  it.say("perhaps");
  it.take();
  it.lose();
  it.say("not yet");
  it.capabilities = "keys";
  it.pass(1_000, () => it.connected);
  it.greet();
  it.tell(it.roster());
  assertEquals(it.take(), ["BROADCAST:ann:7:not yet"]);
  assertEquals(
    it.told("error").at(-1)?.message,
    "1 messages may not have arrived: nobody can tell",
  );
  assertEquals(it.engine.pending, 0);
});
