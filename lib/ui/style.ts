import { nameKey } from "../protocol/name.ts";
import { escapeForTerminal } from "./escape.ts";
import { wordsOf } from "./mentions.ts";

/** How texts and names of others look; what it gives is safe for a terminal. */
export interface Style {
  /** Somebody's name. */
  name(name: string): string;
  /** What somebody said. */
  text(text: string): string;
  /** Something of ours that is of less weight. */
  dim(ours: string): string;
}

/** Nothing but the text. */
export const PLAIN_STYLE: Style = {
  name: escapeForTerminal,
  text: escapeForTerminal,
  dim: (ours) => ours,
};

/**
 * Of the 256 colours, those with a contrast of 3.9 or more to black and to white (WCAG 2.2, relative
 * luminance), as far from each other as can be.
 */
export const NAME_COLOURS: readonly number[] = [
  ...[27, 28, 30, 62, 64, 98],
  ...[130, 131, 133, 161, 164, 196],
];

/** With colours, always the same one for a name; our own name is marked in what others say. */
export class ColourStyle implements Style {
  readonly #own: () => string;

  /** @param own our own name, as it is now */
  constructor(own: () => string) {
    this.#own = own;
  }

  name(name: string): string {
    return `\x1b[38;5;${colourOf(name)}m${escapeForTerminal(name)}\x1b[39m`;
  }

  text(text: string): string {
    const shown = escapeForTerminal(text);
    let marked = "";
    let last = 0;
    for (const { start, end } of wordsOf(shown, this.#own())) {
      marked += `${shown.slice(last, start)}\x1b[1;7m${shown.slice(start, end)}\x1b[22;27m`;
      last = end;
    }
    return marked + shown.slice(last);
  }

  dim(ours: string): string {
    return `\x1b[2m${ours}\x1b[22m`;
  }
}

/** The colour of `name`, by what names are compared by (FNV-1a). */
export function colourOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const point of nameKey(name)) {
    hash = Math.imul(hash ^ (point.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return NAME_COLOURS[hash % NAME_COLOURS.length] ?? 28;
}
