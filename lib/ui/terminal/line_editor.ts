/**
 * A line being typed: state and key -> state. It knows no screen and no terminal.
 *
 * @module
 */
import { type Completion, wordStart } from "../completion.ts";
import type { Key } from "./keys.ts";
import { graphemes } from "./width.ts";

/** A line being typed. */
export interface EditorState {
  readonly text: string;
  /** Where typing goes on, in UTF-16 units; never inside of a character. */
  readonly cursor: number;
  /** What was cut the last time, for Ctrl-Y. */
  readonly killed: string;
  /** Which line of the history is shown, counted from the newest; -1 for what is new. */
  readonly recalled: number;
  /** What was being typed before a line of the history was shown. */
  readonly draft: string;
  /** Set while Tab goes through what fits. */
  readonly cycle?: Completion & { readonly at: number; readonly tail: string };
  /** Set while Ctrl-R searches the history: what for, how far back, and what was there before. */
  readonly search?: { readonly query: string; readonly from: number; readonly before: string };
}

/** What the editor is asked with. */
export interface EditorContext {
  /** Lines typed before, the newest last. */
  readonly history: readonly string[];
  /** What Tab may put for what stands before `cursor`. */
  readonly complete: (text: string, cursor: number) => Completion | undefined;
}

/** What a key asks of whoever owns the line. */
export type EditorAction = "submit" | "interrupt" | "end" | "clear-screen";

/** What a key came to. */
export interface Pressed {
  readonly state: EditorState;
  readonly action?: EditorAction;
}

/** An empty line. */
export const EMPTY_LINE: EditorState = {
  text: "",
  cursor: 0,
  killed: "",
  recalled: -1,
  draft: "",
};

/**
 * `state` after one key. With `submit` the state still holds the line; follow with {@linkcode emptied}.
 *
 * A paste is inserted as it is: line ends in it are the owner's to deal with.
 */
export function press(state: EditorState, key: Key, context: EditorContext): Pressed {
  if (state.search) return searching(state, key, context);
  if (key.kind !== "key") return { state: insert(settled(state), key.text) };
  if (key.name === "tab") return { state: complete(state, context) };
  return pressNamed(settled(state), key.name, context);
}

/** The empty line after `state`, which keeps what was cut. */
export function emptied({ killed }: EditorState): EditorState {
  return { ...EMPTY_LINE, killed };
}

/** `state` with `text` put in at the cursor. */
export function insert(state: EditorState, text: string): EditorState {
  const { cursor, text: old } = state;
  return at(state, old.slice(0, cursor) + text + old.slice(cursor), cursor + text.length);
}

function pressNamed(state: EditorState, name: string, context: EditorContext): Pressed {
  const { text, cursor } = state;
  switch (name) {
    case "enter":
      return { state, action: "submit" };
    case "ctrl-c":
      return text === "" ? { state, action: "interrupt" } : { state: emptied(state) };
    case "ctrl-d":
      if (text === "") return { state, action: "end" };
      return { state: cut(state, cursor, right(state)) };
    case "ctrl-l":
      return { state, action: "clear-screen" };
    case "left":
    case "ctrl-b":
      return { state: at(state, text, left(state)) };
    case "right":
    case "ctrl-f":
      return { state: at(state, text, right(state)) };
    case "ctrl-left":
    case "alt-left":
    case "alt-b":
      return { state: at(state, text, wordLeft(state)) };
    case "ctrl-right":
    case "alt-right":
    case "alt-f":
      return { state: at(state, text, wordRight(state)) };
    case "home":
    case "ctrl-a":
      return { state: at(state, text, 0) };
    case "end":
    case "ctrl-e":
      return { state: at(state, text, text.length) };
    case "backspace":
      return { state: cut(state, left(state), cursor) };
    case "delete":
      return { state: cut(state, cursor, right(state)) };
    case "ctrl-k":
      return { state: kill(state, cursor, text.length) };
    case "ctrl-u":
      return { state: kill(state, 0, cursor) };
    case "ctrl-w":
      return { state: kill(state, blankLeft(state), cursor) };
    case "alt-backspace":
      return { state: kill(state, wordLeft(state), cursor) };
    case "alt-d":
      return { state: kill(state, cursor, wordRight(state)) };
    case "ctrl-y":
      return { state: insert(state, state.killed) };
    case "ctrl-t":
      return { state: transposed(state) };
    case "up":
    case "ctrl-p":
      return { state: recall(state, state.recalled + 1, context.history) };
    case "down":
    case "ctrl-n":
      return { state: recall(state, state.recalled - 1, context.history) };
    case "ctrl-r":
      return { state: { ...state, search: { query: "", from: 0, before: text } } };
    default:
      return { state };
  }
}

/** `state` with no completion under way. */
function settled(state: EditorState): EditorState {
  const { cycle: _cycle, ...rest } = state;
  return rest;
}

function at(state: EditorState, text: string, cursor: number): EditorState {
  return { ...state, text, cursor };
}

function cut(state: EditorState, from: number, to: number): EditorState {
  return at(state, state.text.slice(0, from) + state.text.slice(to), from);
}

function kill(state: EditorState, from: number, to: number): EditorState {
  if (from === to) return state;
  return { ...cut(state, from, to), killed: state.text.slice(from, to) };
}

function left({ text, cursor }: EditorState): number {
  return cursor - (graphemes(text.slice(0, cursor)).at(-1)?.length ?? 0);
}

function right({ text, cursor }: EditorState): number {
  return cursor + (graphemes(text.slice(cursor))[0]?.length ?? 0);
}

/** As in readline: a word is of letters and digits. */
function wordLeft({ text, cursor }: EditorState): number {
  // From the end, step by step: a pattern that ends with $ is tried from every place.
  const points = Array.from(text.slice(0, cursor));
  const isWord = (point = ""): boolean => /[\p{L}\p{M}\p{N}]/u.test(point);
  while (points.length > 0 && !isWord(points.at(-1))) points.pop();
  while (isWord(points.at(-1))) points.pop();
  return points.join("").length;
}

function wordRight({ text, cursor }: EditorState): number {
  const [gone = ""] = /^[^\p{L}\p{M}\p{N}]*[\p{L}\p{M}\p{N}]*/u.exec(text.slice(cursor)) ?? [];
  return cursor + gone.length;
}

/** As in readline: what Ctrl-W takes ends at a blank. */
function blankLeft({ text, cursor }: EditorState): number {
  return wordStart(text.slice(0, cursor).trimEnd());
}

/** The characters around the cursor change places; at the end, the last two. */
function transposed(state: EditorState): EditorState {
  const { text } = state;
  const to = right(state);
  const before = graphemes(text.slice(0, to));
  const [first, second] = before.slice(-2);
  if (state.cursor === 0 || first === undefined || second === undefined) return state;
  return at(state, before.slice(0, -2).join("") + second + first + text.slice(to), to);
}

function recall(state: EditorState, wanted: number, history: readonly string[]): EditorState {
  if (wanted < -1 || wanted >= history.length) return state;
  const draft = state.recalled === -1 ? state.text : state.draft;
  const text = wanted === -1 ? draft : history[history.length - 1 - wanted] ?? "";
  return { ...at(state, text, text.length), recalled: wanted, draft };
}

function complete(state: EditorState, context: EditorContext): EditorState {
  const { cycle } = state;
  const found = cycle ?? context.complete(state.text, state.cursor);
  if (!found || found.options.length === 0) return state;
  const next = cycle ? (cycle.at + 1) % cycle.options.length : 0;
  const tail = cycle?.tail ?? state.text.slice(state.cursor);
  const text = state.text.slice(0, found.start) + (found.options[next] ?? "");
  return { ...at(state, text + tail, text.length), cycle: { ...found, at: next, tail } };
}

function searching(state: EditorState, key: Key, context: EditorContext): Pressed {
  const { search, ...plain } = state;
  if (!search) return { state };
  const { query, from, before } = search;
  if (key.kind === "text") return { state: find(state, query + key.text, from, context) };
  const name = key.kind === "key" ? key.name : "";
  if (name === "ctrl-r") return { state: find(state, query, from + 1, context) };
  if (name === "backspace") {
    return { state: find(state, graphemes(query).slice(0, -1).join(""), 0, context) };
  }
  if (name === "escape" || name === "ctrl-c" || name === "ctrl-g") {
    return { state: at(plain, before, before.length) };
  }
  // Any other key takes what was found, and does its own work there.
  return press(plain, key, context);
}

/** The newest line with `query` in it, not counting the `from` newest; stays where there is none. */
function find(
  state: EditorState,
  query: string,
  from: number,
  { history }: EditorContext,
): EditorState {
  const before = state.search?.before ?? state.text;
  for (let age = from; query !== "" && age < history.length; age++) {
    const line = history[history.length - 1 - age] ?? "";
    if (!line.includes(query)) continue;
    return { ...at(state, line, line.length), search: { query, from: age, before } };
  }
  return { ...state, search: { query, from: state.search?.from ?? 0, before } };
}
