import type { ClientEvent } from "../../peer/events.ts";
import type { LineHistory } from "../../store/line_history.ts";
import { completionOf } from "../completion.ts";
import type { Conversation } from "../conversation.ts";
import { escapeForTerminal } from "../escape.ts";
import type { Face, FaceHandler } from "../face.ts";
import { FOLD_MS, type Looks, Presenter } from "../presenter.ts";
import { isPrivateLine } from "../private_line.ts";
import { safe } from "../safe.ts";
import { LineOutput } from "../stdout.ts";
import {
  type EditorContext,
  type EditorState,
  emptied,
  EMPTY_LINE,
  insert,
  press,
} from "./line_editor.ts";
import type { Key } from "./keys.ts";
import { burstOf, isToBeHeld, pasteNote, withLineFeeds, withoutLastEnd } from "./pasted.ts";
import { RawTerminal } from "./raw_terminal.ts";
import { Screen, type Typed } from "./screen.ts";

const QUIT_ONCE_MORE = "-!- press Ctrl-C again to quit";

/** For a terminal: what arrives is printed above the line being typed, which it never touches. */
export class TerminalFace implements Face {
  readonly #conversation: Conversation;
  readonly #presenter: Presenter;
  readonly #history: LineHistory;
  readonly #output = new LineOutput();
  readonly #screen = new Screen();
  #terminal: RawTerminal | undefined;
  #handler: FaceHandler | undefined;
  #line: EditorState = EMPTY_LINE;
  /** A paste of several lines, which waits for Enter. */
  #held: string | undefined;
  /** Whether the last key was Ctrl-C on an empty line. */
  #quitAsked = false;
  #folding: ReturnType<typeof setTimeout> | undefined;

  constructor(conversation: Conversation, looks: Looks, history: LineHistory) {
    this.#conversation = conversation;
    this.#presenter = new Presenter(looks, conversation);
    this.#history = history;
  }

  open(handler: FaceHandler): void {
    this.#handler = handler;
    this.#terminal = new RawTerminal((text) => this.#write(text));
    for (const signal of RESIZED) Deno.addSignalListener(signal, this.#resized);
    this.#draw([]);
    this.#readAll(this.#terminal);
  }

  show(event: ClientEvent): void {
    const { lines, bell } = this.#presenter.present(event, Date.now());
    this.#draw(lines, bell);
    if (this.#presenter.nextTimeout === Infinity) return;
    this.#folding ??= setTimeout(() => {
      this.#folding = undefined;
      this.#draw(this.#presenter.flush());
    }, FOLD_MS);
  }

  tell(lines: readonly string[]): void {
    this.#draw([...this.#presenter.flush(), ...lines]);
  }

  close(): Promise<void> {
    clearTimeout(this.#folding);
    const last = this.#presenter.flush();
    const terminal = this.#terminal;
    this.#terminal = undefined;
    if (terminal) {
      for (const signal of RESIZED) Deno.removeSignalListener(signal, this.#resized);
      this.#draw(last);
      terminal[Symbol.dispose]();
    }
    return this.#output.drained();
  }

  async #readAll(terminal: RawTerminal): Promise<void> {
    for (let keys = await terminal.next(); keys; keys = await terminal.next()) {
      const burst = burstOf(keys, this.#held !== undefined);
      if (burst !== undefined) this.#paste(burst);
      else for (const key of keys) this.#press(key);
      this.#draw([]);
    }
    if (this.#terminal === terminal) this.#handler?.inputEnded();
  }

  #press(key: Key): void {
    const asked = this.#quitAsked;
    this.#quitAsked = false;
    if (key.kind === "paste") return this.#paste(key.text);
    if (this.#held !== undefined) return this.#pressHeld(key, this.#held);
    const { state, action } = press(this.#line, key, this.#context);
    this.#line = state;
    switch (action) {
      case "submit":
        return this.#submit(this.#typed());
      case "end":
        return this.#handler?.inputEnded();
      case "interrupt":
        if (asked) return this.#handler?.interrupted();
        this.#quitAsked = true;
        return this.#draw([QUIT_ONCE_MORE]);
      case "clear-screen":
        return this.#write(this.#screen.cleared(this.#typed(), RawTerminal.size()));
      case undefined:
        return;
    }
  }

  #pressHeld(key: Key, held: string): void {
    if (key.kind !== "key") return;
    switch (key.name) {
      case "enter": {
        const shown = this.#typed();
        this.#held = undefined;
        this.#line = insert(this.#line, withoutLastEnd(held));
        return this.#submit(shown);
      }
      case "escape":
      case "ctrl-c":
        this.#held = undefined;
        return;
      default:
        return;
    }
  }

  #paste(pasted: string): void {
    // More of it may come, right behind its last line end.
    const text = (this.#held ?? "") + withLineFeeds(pasted);
    const message = withoutLastEnd(text);
    if (this.#held !== undefined || isToBeHeld(message)) this.#held = text;
    else this.#line = press(this.#line, { kind: "paste", text: message }, this.#context).state;
  }

  /** Leaves the line where it stands, as something said, and hands it on. */
  #submit(shown: Typed): void {
    const line = this.#line.text;
    const isPrivate = this.#conversation.isPrivate || isPrivateLine(line);
    this.#line = emptied(this.#line);
    if (line.trim() !== "") this.#history.add(line, isPrivate);
    this.#draw([`${shown.prompt}${escapeForTerminal(shown.text)}`]);
    this.#handler?.line(line);
  }

  get #context(): EditorContext {
    return {
      history: this.#history.lines,
      complete: (text, cursor) => completionOf(text, cursor, this.#conversation.names),
    };
  }

  #typed(): Typed {
    const { text, cursor, search } = this.#line;
    const prompt = search ? safe`(history, "${search.query}") ` : this.#conversation.prompt;
    if (this.#held === undefined) return { prompt, text, cursor };
    const note = pasteNote(this.#held);
    const shown = text.slice(0, cursor) + note + text.slice(cursor);
    return { prompt, text: shown, cursor: cursor + note.length };
  }

  #draw(printed: readonly string[], bell = false): void {
    const typed = this.#terminal && this.#typed();
    this.#write((bell ? "\x07" : "") + this.#screen.draw(printed, typed, RawTerminal.size()));
  }

  #write(text: string): void {
    if (!this.#output.send(new TextEncoder().encode(text))) this.#handler?.outputLost();
  }

  readonly #resized = (): void => this.#draw([]);
}

/** Told by the system when the terminal has another size. */
const RESIZED: readonly Deno.Signal[] = Deno.build.os === "windows" ? [] : ["SIGWINCH"];
