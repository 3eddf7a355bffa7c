import { peekStdin, takeStdin } from "../stdin_source.ts";
import { type Key, KeyDecoder } from "./keys.ts";
import type { ScreenSize } from "./screen.ts";

/**
 * How long after an Escape the rest of a sequence may come, in milliseconds: readline waits 500, vim by
 * default 1,000; a slow line splits one at most by a round trip.
 */
const ESCAPE_MS = 100;
/** Bracketed paste on and off; and what else a terminal is to be like when it is given back. */
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
const AS_IT_WAS = `${PASTE_OFF}\x1b[?7h\x1b[?25h\x1b[0m`;

const decoder = new KeyDecoder();
/** Keys that came with others and that nobody has taken. */
let left: Key[] = [];

/** Standard input as keys, and the terminal in the state for that; dispose of it to give it back. */
export class RawTerminal implements Disposable {
  readonly #write: (text: string) => void;
  #open = true;

  /** @param write writes to the screen, in order with everything else that is written there */
  constructor(write: (text: string) => void) {
    this.#write = write;
    Deno.stdin.setRaw(true);
    // Whoever ends the process without a word does not leave a terminal that shows nothing typed.
    for (const end of ENDS) globalThis.addEventListener(end, this.#giveBackAtOnce);
    write(PASTE_ON);
  }

  /** What the screen measures now. */
  static size(): ScreenSize {
    try {
      const { columns, rows } = Deno.consoleSize();
      if (columns > 0 && rows > 0) return { columns, rows };
    } catch {
      // Standard output is no terminal; what is asked goes to standard error.
    }
    return { columns: 80, rows: 24 };
  }

  /**
   * The keys that come next, as many as came at once.
   *
   * @returns `undefined` at the end of input, or once this is disposed of
   */
  async next(): Promise<readonly Key[] | undefined> {
    if (left.length > 0) return left.splice(0);
    while (this.#open) {
      const piece = peekStdin();
      const text = await (decoder.undecided ? patiently(piece) : piece);
      if (!this.#open) return undefined;
      if (text === QUIET) {
        const keys = decoder.flush();
        if (keys.length > 0) return keys;
        continue;
      }
      takeStdin(piece);
      if (text === undefined) return undefined;
      const keys = decoder.push(text);
      if (keys.length > 0) return keys;
    }
    return undefined;
  }

  /** Leaves keys to whoever reads next. */
  leave(keys: readonly Key[]): void {
    left = [...keys, ...left];
  }

  [Symbol.dispose](): void {
    if (!this.#close()) return;
    this.#write(PASTE_OFF);
  }

  readonly #giveBackAtOnce = (): void => {
    if (!this.#close()) return;
    try {
      const screen = Deno.stdout.isTerminal() ? Deno.stdout : Deno.stderr;
      screen.writeSync(new TextEncoder().encode(`\r\n${AS_IT_WAS}`));
    } catch {
      // It is gone.
    }
  };

  #close(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    for (const end of ENDS) globalThis.removeEventListener(end, this.#giveBackAtOnce);
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // It is gone.
    }
    return true;
  }
}

/** Every way out of a process that it hears of, besides its signals. */
const ENDS = ["unload", "error", "unhandledrejection"] as const;

const QUIET = Symbol("nothing came");

async function patiently(
  piece: Promise<string | undefined>,
): Promise<string | undefined | typeof QUIET> {
  const quiet = Promise.withResolvers<typeof QUIET>();
  const timer = setTimeout(() => quiet.resolve(QUIET), ESCAPE_MS);
  try {
    return await Promise.race([piece, quiet.promise]);
  } finally {
    clearTimeout(timer);
  }
}
