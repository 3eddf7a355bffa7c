import type { Client } from "../peer/client.ts";
import type { Outcome } from "../peer/engine.ts";
import type { ClientEvent } from "../peer/events.ts";
import { CommandError, parseLine } from "./command_line.ts";
import type { Face } from "./face.ts";
import { JsonFace } from "./json_face.ts";
import { LineFace } from "./line_face.ts";
import { PlainFace } from "./plain_face.ts";
import { onStopSignal } from "./signals.ts";

/** One client behind one face, from the first line to the last. */
export class ClientRun {
  readonly #json: boolean;
  readonly #face: Face;
  /** Lines that came before we were in the room; `undefined` once we are. */
  #early: string[] | undefined = [];
  #inputEnded = false;
  #interrupted = false;
  #outputLost = false;

  /** @param json whether a program is on the other side */
  constructor(json: boolean) {
    this.#json = json;
    const terminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
    this.#face = json ? new JsonFace() : terminal ? new LineFace() : new PlainFace();
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
    if (this.#early && event.event !== "registered" && !ofStore && !this.#json) return;
    this.#face.show(event);
    if (event.event !== "registered" || !this.#early) return;
    const early = this.#early;
    this.#early = undefined;
    for (const line of early) this.#line(line, client);
    if (this.#inputEnded) client.quit({ drain: true });
  }

  #line(line: string, client: Client): void {
    try {
      const command = parseLine(line, { json: this.#json });
      if (command?.command === "help") this.#face.help();
      else if (command) client.command(command);
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
