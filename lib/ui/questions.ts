import { escapeForTerminal } from "./escape.ts";
import { takeStdinLine } from "./stdin_lines.ts";
import { EMPTY_LINE, press, type Pressed } from "./terminal/line_editor.ts";
import { RawTerminal } from "./terminal/raw_terminal.ts";
import { Screen, type Typed } from "./terminal/screen.ts";
import { graphemes } from "./terminal/width.ts";
import { writeLines } from "./stdout.ts";

/** Asks one question on the terminal. */
export interface Question {
  readonly message: string;
  /** Taken for an empty answer, and shown. */
  readonly default?: string;
  /** Whether the answer is not to be seen. */
  readonly secret?: boolean;
  /** What is wrong with an answer, for people; `undefined` if nothing is. */
  readonly refuse: (answer: string) => string | undefined;
}

/** Where and how a question is asked. */
export interface Asking {
  /** Whether standard output is for something else. */
  readonly onStderr: boolean;
  /** Whether to ask in whole lines, without moving the cursor. */
  readonly plain: boolean;
}

/**
 * Asks, until the answer will do.
 *
 * @returns the answer; `undefined` if the user gave up (Ctrl-C, Ctrl-D)
 */
export async function ask(question: Question, asking: Asking): Promise<string | undefined> {
  const hint = question.default === undefined ? "" : ` (${question.default})`;
  const stream = asking.onStderr ? Deno.stderr : Deno.stdout;
  const prompt = `${question.message}${hint} `;
  // One for all tries: what is typed ahead while a refusal is shown must not be echoed by the terminal.
  using terminal = asking.plain && !question.secret
    ? undefined
    : new RawTerminal((text) => write(text, stream));
  const mask = question.secret ? (asking.plain ? "" : "*") : undefined;
  for (;;) {
    const typed = terminal
      ? await typedAnswer(terminal, prompt, stream, mask)
      : await plainAnswer(prompt, stream);
    if (typed === undefined) return undefined;
    const answer = typed === "" ? question.default ?? "" : typed;
    const wrong = question.refuse(answer);
    if (wrong === undefined) return answer;
    const line = `! ${wrong}`;
    if (!terminal) writeLines([line], stream);
    else write(new Screen().draw([line], undefined, RawTerminal.size()), stream);
  }
}

type Stream = { writeSync(bytes: Uint8Array): number };

async function plainAnswer(prompt: string, stream: Stream): Promise<string | undefined> {
  write(prompt, stream);
  return await takeStdinLine();
}

/** @param mask shown for each character; left out: the character itself */
async function typedAnswer(
  terminal: RawTerminal,
  prompt: string,
  stream: Stream,
  mask: string | undefined,
): Promise<string | undefined> {
  const screen = new Screen();
  let state = EMPTY_LINE;
  const typed = (): Typed => {
    if (mask === undefined) return { prompt, text: state.text, cursor: state.cursor };
    const masked = (text: string): string => mask.repeat(graphemes(text).length);
    const before = masked(state.text.slice(0, state.cursor));
    return { prompt, text: masked(state.text), cursor: before.length };
  };
  write(screen.draw([], typed(), RawTerminal.size()), stream);
  for (;;) {
    const keys = await terminal.next();
    if (!keys) return undefined;
    for (const [i, key] of keys.entries()) {
      // One line of a paste is an answer, and its end is not: it is looked at first.
      let pressed: Pressed = press(
        state,
        key.kind === "paste" ? { ...key, text: oneLine(key.text) } : key,
        {
          history: [],
          complete: () => undefined,
        },
      );
      if (key.kind === "key" && key.name === "ctrl-c") pressed = { state, action: "interrupt" };
      state = pressed.state;
      if (pressed.action === undefined || pressed.action === "clear-screen") continue;
      const { text } = state;
      const { prompt: asked, text: shown } = typed();
      write(screen.draw([asked + escapeForTerminal(shown)], undefined, RawTerminal.size()), stream);
      terminal.leave(keys.slice(i + 1));
      return pressed.action === "submit" ? text : undefined;
    }
    write(screen.draw([], typed(), RawTerminal.size()), stream);
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+$/, "").replace(/[\r\n]+/g, " ");
}

function write(text: string, stream: Stream): void {
  try {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch {
    // The end of input follows, where there is nobody to read.
  }
}
