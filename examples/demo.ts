/**
 * A registry and three users in one process, over real sockets on loopback: `deno task demo`. Prints
 * what each of them types and sees; ends with exit code 0, or says what failed and ends with 1.
 *
 * @module
 */
import { Client, type ClientEvent, startRegistry } from "../mod.ts";
import { parseLine } from "../lib/ui/command_line.ts";
import { Conversation } from "../lib/ui/conversation.ts";
import { renderClientEvent } from "../lib/ui/render.ts";
import { renderRegistryEvent } from "../lib/ui/render_registry.ts";

/** Longest wait for any one thing to happen, in milliseconds: on loopback all take a few. */
const PATIENCE_MS = 3_000;
/** How long the registry keeps the place of a user whose connection was lost: the demo does not dawdle. */
const GRACE_SECONDS = 1;

/** One user: a client, and what it has seen. */
class Actor {
  readonly name: string;
  readonly client: Client;
  readonly #conversation = new Conversation();
  readonly #seen: ClientEvent[] = [];
  #wake: (() => void) | undefined;

  constructor(name: string, port: number) {
    this.name = name;
    this.client = new Client({
      port,
      username: name,
      onEvent: (event) => {
        this.#seen.push(event);
        for (const line of renderClientEvent(event)) print(name, "|", line);
        this.#wake?.();
      },
    });
  }

  /** Types one line. */
  types(line: string): void {
    print(this.name, ">", line);
    const asked = parseLine(line, { json: false });
    const resolved = asked && this.#conversation.resolve(asked);
    if (!resolved || "told" in resolved) throw new Error(`not for the demo: ${line}`);
    this.client.command(resolved.command);
  }

  /** How often this user has seen an event that has all of `fields`. */
  count(fields: Partial<Record<string, unknown>>): number {
    const wanted = Object.entries(fields);
    return this.#seen.filter((event) =>
      wanted.every(([key, value]) =>
        Object.entries(event).some(([k, v]) => k === key && v === value)
      )
    ).length;
  }

  /** Waits until this user has seen such an event. */
  async sees(fields: Partial<Record<string, unknown>>): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    while (this.count(fields) === 0) {
      await new Promise<void>((wake, reject) => {
        this.#wake = wake;
        deadline.onabort = () =>
          reject(new Error(`${this.name} never saw ${JSON.stringify(fields)}`));
        deadline.throwIfAborted();
      });
    }
    deadline.onabort = null;
  }
}

function print(who: string, mark: string, text: string): void {
  console.log(`${who.padEnd(8)} ${mark} ${text}`);
}

function scene(title: string): void {
  console.log(`\n-- ${title}`);
}

function expect(what: string, right: boolean): void {
  if (!right) throw new Error(`not as it should be: ${what}`);
}

async function play(): Promise<void> {
  scene("a registry, and three users who join it");
  await using registry = startRegistry({
    hostname: "127.0.0.1",
    port: 0,
    grace: GRACE_SECONDS,
    onEvent: (event) => print("registry", "|", renderRegistryEvent(event)),
  });
  const { port } = registry.addr;
  print("registry", "|", `listening on 127.0.0.1 port ${port}`);
  const cast: Actor[] = [];
  const enter = async (name: string): Promise<Actor> => {
    const actor = new Actor(name, port);
    cast.push(actor);
    await actor.sees({ event: "registered" });
    return actor;
  };
  try {
    const ann = await enter("ann");
    const bob = await enter("bob");
    const carol = await enter("carol");
    await Promise.all([
      ann.sees({ event: "join", username: "carol" }),
      bob.sees({ event: "join", username: "carol" }),
    ]);

    scene("everybody hears a broadcast but the one who sent it");
    const hello = "hello, everybody; caffè? 🙂";
    ann.types(`/broadcast ${hello}`);
    await Promise.all([bob, carol].map((each) => each.sees({ event: "broadcast", text: hello })));
    expect("no copy for the sender", ann.count({ event: "broadcast" }) === 0);

    scene("ann asks bob for a private chat: an offer by UDP, then a connection between the two");
    ann.types("/start bob");
    await bob.sees({ event: "invite", from: "ann" });
    bob.types("/accept ann");
    await Promise.all([ann, bob].map((each) => each.sees({ event: "session", state: "open" })));
    ann.types("/chat bob only you can read this");
    await bob.sees({ event: "private", from: "ann" });
    bob.types("/chat ann and the registry never saw it");
    await ann.sees({ event: "private", from: "bob" });
    expect("carol heard nothing of it", carol.count({ event: "private" }) === 0);

    scene(
      "carol's sockets are dropped without a word: she may come back, then the others are told, once",
    );
    print("carol", "x", "(gone)");
    await carol.client.abort();
    await Promise.all([ann, bob].map((each) => each.sees({ event: "leave", username: "carol" })));

    scene("bob quits: his chat with ann ends, and he leaves");
    bob.types("/quit");
    await bob.client.finished;
    await ann.sees({ event: "session", state: "closed", reason: "quit" });
    await ann.sees({ event: "leave", username: "bob" });

    scene("ann quits, the registry stops");
    ann.types("/quit");
    await ann.client.finished;
    expect("each leave was told once", ann.count({ event: "leave" }) === 2);
    expect("nothing went wrong", cast.every((each) => each.count({ event: "error" }) === 0));
  } finally {
    await Promise.all(cast.map((each) => each.client.abort()));
  }
}

if (import.meta.main) {
  try {
    await play();
    console.log("\nall as it should be");
  } catch (error) {
    console.error(`\nthe demo failed: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
