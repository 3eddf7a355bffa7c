import type { Client } from "../peer/client.ts";
import type { Outcome } from "../peer/engine.ts";
import type { ClientEvent } from "../peer/events.ts";
import { CommandError, type LineCommand, parseLine } from "./command_line.ts";
import type { Conversation, Resolved } from "./conversation.ts";
import type { Face } from "./face.ts";
import { renderHelp } from "./help.ts";
import { onStopSignal } from "./signals.ts";

/** One client behind one face, from the first line to the last. */
export class ClientRun {
  readonly #face: Face;
  readonly #conversation: Conversation | undefined;
  /** Lines that came before we were in the room; `undefined` once we are. */
  #early: string[] | undefined = [];
  #inputEnded = false;
  #interrupted = false;
  #outputLost = false;

  /** @param conversation what a person has at a line face; left out: a program is on the other side */
  constructor(face: Face, conversation?: Conversation) {
    this.#face = face;
    this.#conversation = conversation;
  }

  /** Makes the client, and runs until it is finished. */
  async until(make: (onEvent: (event: ClientEvent) => void) => Client): Promise<Outcome> {
    const client = make((event) => this.#show(event, client));
    this.#face.open({
      line: (line) => {
        if (this.#early) this.#early.push(line);
        else this.#line(line, client);
      },
      inputEnded: () => {
        this.#inputEnded = true;
        if (!this.#early) client.quit({ drain: true });
      },
      interrupted: () => this.#interrupt(client),
      outputLost: () => {
        this.#outputLost = true;
        client.quit();
      },
    });
    using _signals = onStopSignal(() => this.#interrupt(client));
    const outcome = await client.finished;
    await this.#face.close();
    return this.#outputLost ? { reason: "output", message: "nobody reads the output" } : outcome;
  }

  #show(event: ClientEvent, client: Client): void {
    // Why a client never got in is said on standard error, in one line, by its caller.
    const ofStore = event.event === "error" && event.code === "store";
    if (this.#early && event.event !== "registered" && !ofStore && this.#conversation) return;
    this.#face.show(event);
    if (event.event !== "registered" || !this.#early) return;
    const early = this.#early;
    this.#early = undefined;
    for (const line of early) this.#line(line, client);
    if (this.#inputEnded) client.quit({ drain: true });
  }

  #line(line: string, client: Client): void {
    try {
      const asked = parseLine(line, { json: this.#conversation === undefined });
      if (!asked) return;
      const resolved = this.#conversation?.resolve(asked) ?? resolveForProgram(asked);
      if ("told" in resolved) this.#face.tell(resolved.told);
      else client.command(resolved.command);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.#face.show({ event: "error", code: "bad-command", message: error.message });
    }
  }

  /** The first time: quit when what was asked for is done, soon. The second time: at once. */
  #interrupt(client: Client): void {
    if (this.#interrupted) Deno.exit(0);
    this.#interrupted = true;
    client.quit();
  }
}

/** What a line is to do that a program gave: it has no conversation, and a text is the room's. */
function resolveForProgram(asked: LineCommand): Resolved {
  switch (asked.command) {
    case "say":
      return { command: { command: "broadcast", text: asked.text } };
    case "me":
      return { command: { command: "broadcast", text: `/me ${asked.text}` } };
    case "help":
      return { told: renderHelp() };
    case "to":
    case "ignore":
    case "unignore":
      throw new CommandError(`/${asked.command} is for people, not with --json`);
    default:
      return { command: asked };
  }
}
