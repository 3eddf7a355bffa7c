/**
 * What a terminal sends -> keys. Sources: ECMA-48 (CSI), xterm's "PC-Style Function Keys" and "Bracketed Paste".
 *
 * @module
 */

/** What was typed: characters, a key by its name (`left`, `ctrl-left`, `alt-b`), or a paste. */
export type Key =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "paste"; readonly text: string };

const ESCAPE = "\x1b";
const PASTE_BEGIN = "\x1b[200~";
const PASTE_END = "\x1b[201~";

/** UTF-16 units of one paste; what is more is dropped. A message has 4,096 code points at most. */
export const MAX_PASTE_LENGTH = 65_536;

/** Sequences that begin with CSI, from its parameters on. */
// deno-lint-ignore no-control-regex -- it is what this is about.
const CSI = /\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]/y;
/** The beginning of one, of which more may come. */
// deno-lint-ignore no-control-regex -- it is what this is about.
const OPEN_CSI = /^\x1b\[[\x30-\x3f]*[\x20-\x2f]*$/;
// deno-lint-ignore no-control-regex -- it is what this is about.
const TEXT = /[^\x00-\x1f\x7f-\x9f]+/y;

const FINALS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
};
const NUMBERS: Readonly<Record<string, string>> = {
  1: "home",
  3: "delete",
  4: "end",
  7: "home",
  8: "end",
};
const MODIFIERS: Readonly<Record<string, string>> = { 3: "alt-", 5: "ctrl-", 7: "ctrl-" };
const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\x7f": "backspace",
};

/** Takes what a terminal sends, in whatever pieces it comes. */
export class KeyDecoder {
  #rest = "";
  #paste: string | undefined;
  #afterReturn = false;

  /** Whether an Escape may be the key of that name, or the beginning of something: see {@linkcode flush}. */
  get undecided(): boolean {
    return this.#rest !== "" && this.#paste === undefined;
  }

  /** The keys that are complete with `text`. */
  push(text: string): Key[] {
    const input = this.#rest + text;
    this.#rest = "";
    const keys: Key[] = [];
    for (let at = 0; at < input.length;) {
      const length = this.#paste === undefined
        ? this.#takeKey(input, at, keys)
        : this.#takePaste(input, at, keys);
      if (length === 0) {
        this.#rest = input.slice(at);
        break;
      }
      at += length;
    }
    return keys;
  }

  /** Nothing has come for a while: an Escape was the key of that name. */
  flush(): Key[] {
    if (!this.undecided) return [];
    const isKey = this.#rest === ESCAPE;
    this.#rest = "";
    return isKey ? [{ kind: "key", name: "escape" }] : [];
  }

  /** Takes one key from `at`; returns its length, 0 if more of it has to come. */
  #takeKey(input: string, at: number, keys: Key[]): number {
    TEXT.lastIndex = at;
    const [text] = TEXT.exec(input) ?? [];
    const point = input[at] ?? "";
    const endsLine = point === "\n" && this.#afterReturn;
    this.#afterReturn = point === "\r";
    if (text !== undefined) {
      keys.push({ kind: "text", text });
      return text.length;
    }
    if (point === ESCAPE) return this.#takeEscape(input, at, keys);
    const name = nameOf(point);
    if (name !== undefined && !endsLine) keys.push({ kind: "key", name });
    return 1;
  }

  #takeEscape(input: string, at: number, keys: Key[]): number {
    if (input.startsWith(PASTE_BEGIN, at)) {
      this.#paste = "";
      return PASTE_BEGIN.length;
    }
    CSI.lastIndex = at;
    const [sequence] = CSI.exec(input) ?? [];
    if (sequence !== undefined) {
      pushSequence(sequence, keys);
      return sequence.length;
    }
    const next = input[at + 1];
    if (next === undefined) return 0;
    if (next === "[") return OPEN_CSI.test(input.slice(at)) ? 0 : 2;
    if (next === "O") {
      const final = input[at + 2];
      if (final === undefined) return 0;
      const name = FINALS[final];
      if (name !== undefined) keys.push({ kind: "key", name });
      return 3;
    }
    if (next === ESCAPE) {
      keys.push({ kind: "key", name: "escape" });
      return 1;
    }
    const character = String.fromCodePoint(input.codePointAt(at + 1) ?? 0);
    keys.push({ kind: "key", name: `alt-${nameOf(character) ?? character.toLowerCase()}` });
    return 1 + character.length;
  }

  #takePaste(input: string, at: number, keys: Key[]): number {
    const end = input.indexOf(PASTE_END, at);
    // The end itself may be cut in two.
    const known = end < 0 ? Math.max(at, input.length - PASTE_END.length + 1) : end;
    const paste = ((this.#paste ?? "") + input.slice(at, known)).slice(0, MAX_PASTE_LENGTH);
    this.#paste = paste;
    if (end < 0) return known - at;
    keys.push({ kind: "paste", text: paste.toWellFormed() });
    this.#paste = undefined;
    return end + PASTE_END.length - at;
  }
}

/** The name of a control character that is a key. */
function nameOf(control: string): string | undefined {
  const name = CONTROLS[control];
  if (name !== undefined) return name;
  const code = control.charCodeAt(0);
  return code >= 1 && code <= 26 ? `ctrl-${String.fromCharCode(code + 96)}` : undefined;
}

function pushSequence(sequence: string, keys: Key[]): void {
  const final = sequence.at(-1) ?? "";
  const [number = "", modifier = ""] = sequence.slice(2, -1).split(";");
  const name = final === "~" ? NUMBERS[number] : FINALS[final];
  if (name !== undefined) keys.push({ kind: "key", name: (MODIFIERS[modifier] ?? "") + name });
}
