import type { ClientEvent } from "../peer/events.ts";
import type { Conversation } from "./conversation.ts";
import type { Face, FaceHandler } from "./face.ts";
import { FOLD_MS, type Looks, Presenter } from "./presenter.ts";
import { readStdinLines } from "./stdin_lines.ts";
import { LineOutput } from "./stdout.ts";

/** For pipes, logs and readers of the screen: lines in, whole lines out, and nothing else. */
export class PlainFace implements Face {
  readonly #output = new LineOutput();
  readonly #presenter: Presenter;
  readonly #conversation: Conversation;
  readonly #tellsPlace: boolean;
  readonly #closed = new AbortController();
  #place = "";
  #handler: FaceHandler | undefined;
  #folding: ReturnType<typeof setTimeout> | undefined;

  /** @param tellsPlace whether to say where plain lines go when that changes: there is no prompt */
  constructor(conversation: Conversation, looks: Looks, tellsPlace: boolean) {
    this.#conversation = conversation;
    this.#presenter = new Presenter(looks, conversation);
    this.#tellsPlace = tellsPlace;
  }

  open(handler: FaceHandler): void {
    this.#handler = handler;
    this.#place = this.#conversation.prompt;
    readStdinLines(handler, this.#closed.signal);
  }

  show(event: ClientEvent): void {
    const { lines, bell } = this.#presenter.present(event, Date.now());
    this.#write(lines, bell);
    if (this.#presenter.nextTimeout === Infinity) return;
    this.#folding ??= setTimeout(() => {
      this.#folding = undefined;
      this.#write(this.#presenter.flush());
    }, FOLD_MS);
  }

  tell(lines: readonly string[]): void {
    this.#write([...this.#presenter.flush(), ...lines]);
  }

  close(): Promise<void> {
    clearTimeout(this.#folding);
    this.#closed.abort();
    this.#write(this.#presenter.flush());
    return this.#output.drained();
  }

  #write(lines: readonly string[], bell = false): void {
    const { prompt } = this.#conversation;
    const isElsewhere = this.#tellsPlace && prompt !== this.#place;
    this.#place = prompt;
    const all = isElsewhere ? [...lines, `-!- plain lines: ${prompt.trimEnd()}`] : lines;
    if (all.length === 0 && !bell) return;
    const text = (bell ? "\x07" : "") + all.map((line) => line + "\n").join("");
    if (!this.#output.send(new TextEncoder().encode(text))) this.#handler?.outputLost();
  }
}
