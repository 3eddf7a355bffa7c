/**
 * The one writer to the screen: takes the typed line off, prints what has arrived, puts the line back,
 * all in one piece. Pure: it gives what is to be written.
 *
 * The typed line is broken into rows here, never by the terminal: a terminal that changes its width
 * joins and divides rows that it has broken itself in ways of its own, but a row that ended with a
 * line end it can only divide. So it is known how far up the first row is.
 *
 * @module
 */
import { escapeForTerminal } from "../escape.ts";
import { graphemes, graphemeWidth } from "./width.ts";

/** A line being typed, as it is to be seen. */
export interface Typed {
  /** Without control characters. */
  readonly prompt: string;
  readonly text: string;
  /** In UTF-16 units of `text`. */
  readonly cursor: number;
}

/** The size of the terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Something in one or two columns of a row. */
interface Cell {
  readonly shown: string;
  readonly width: number;
}

/** A typed line on the screen. */
interface Layout {
  readonly rows: readonly (readonly Cell[])[];
  readonly cursorRow: number;
  /** How many cells of its row are before the cursor. */
  readonly cursorCell: number;
}

/** Autowrap off and on (DECAWM): however wide a terminal takes a character to be, a row stays one. */
const [WRAP_OFF, WRAP_ON] = ["\x1b[?7l", "\x1b[?7h"];
const ERASE_BELOW = "\x1b[0J";
const CLEAR = "\x1b[H\x1b[2J";

/** Knows what is painted at the bottom of the screen. */
export class Screen {
  #painted: Layout | undefined;

  /**
   * What to write so that `printed` stands above and `typed` below; nothing is typed if it is left
   * out.
   *
   * @param printed lines without line ends, safe for a terminal
   */
  draw(printed: readonly string[], typed: Typed | undefined, size: ScreenSize): string {
    let written = this.#erased(size.columns);
    for (const line of printed) written += line + "\r\n";
    this.#painted = typed && layOut(typed, size);
    return this.#painted ? written + painted(this.#painted) : written;
  }

  /** What to write to clear the screen, so that nothing but `typed` is on it. */
  cleared(typed: Typed, size: ScreenSize): string {
    this.#painted = layOut(typed, size);
    return CLEAR + painted(this.#painted);
  }

  /** Goes to where the typed line began, and takes it off. */
  #erased(columns: number): string {
    if (!this.#painted) return "";
    const { rows, cursorRow } = this.#painted;
    // The row that the cursor is in is taken for one: some terminals divide it, some do not, and
    // nothing above the line may be lost.
    const up = rows.slice(0, cursorRow).reduce((sum, row) => sum + rowsAt(row, columns), 0);
    return `\r${up > 0 ? `\x1b[${up}A` : ""}${ERASE_BELOW}`;
  }
}

function painted({ rows, cursorRow, cursorCell }: Layout): string {
  const up = rows.length - 1 - cursorRow;
  const text = (row: readonly Cell[]): string => row.map(({ shown }) => shown).join("");
  // What is before the cursor is written again, so that it ends up where the terminal takes that to end.
  const before = text((rows[cursorRow] ?? []).slice(0, cursorCell));
  const toCursor = `\r${up > 0 ? `\x1b[${up}A` : ""}${before}`;
  const isAtEnd = up === 0 && cursorCell === rows[cursorRow]?.length;
  return WRAP_OFF + rows.map(text).join("\r\n") + (isAtEnd ? "" : toCursor) + WRAP_ON;
}

function layOut(typed: Typed, { columns, rows: height }: ScreenSize): Layout {
  const { cells, cursor } = cellsOf(typed);
  const rows: Cell[][] = [];
  let [row, width]: [Cell[], number] = [[], 0];
  let [cursorRow, cursorCell] = [0, 0];
  for (const [i, cell] of cells.entries()) {
    if (width + cell.width > columns && row.length > 0) {
      rows.push(row);
      [row, width] = [[], 0];
    }
    if (i === cursor) [cursorRow, cursorCell] = [rows.length, row.length];
    row.push(cell);
    width += cell.width;
  }
  rows.push(row);
  if (cursor === cells.length) {
    // Behind a full row, the cursor is at the beginning of the next one.
    if (width >= columns) rows.push([]);
    [cursorRow, cursorCell] = [rows.length - 1, rows.at(-1)?.length ?? 0];
  }
  return inSight({ rows, cursorRow, cursorCell }, Math.max(1, height - 1));
}

/** The part of a line that fits on the screen, around the cursor. */
function inSight({ rows, cursorRow, cursorCell }: Layout, height: number): Layout {
  if (rows.length <= height) return { rows, cursorRow, cursorCell };
  const first = Math.min(Math.max(0, cursorRow - height + 1), rows.length - height);
  return { rows: rows.slice(first, first + height), cursorRow: cursorRow - first, cursorCell };
}

/** Prompt and text as cells, and before which of them the cursor is. */
function cellsOf({ prompt, text, cursor }: Typed): { cells: Cell[]; cursor: number } {
  const cells = graphemes(prompt).map(cellOf);
  let at = 0;
  let cursorAt: number | undefined;
  for (const each of graphemes(text)) {
    if (at >= cursor) cursorAt ??= cells.length;
    at += each.length;
    // One's own text may hold anything, too, and is shown as what arrives is.
    cells.push(...graphemes(escapeForTerminal(each)).map(cellOf));
  }
  return { cells, cursor: cursorAt ?? cells.length };
}

function cellOf(shown: string): Cell {
  return { shown, width: graphemeWidth(shown) };
}

/** How many rows a terminal makes of `row` when it has become `columns` wide. */
function rowsAt(row: readonly Cell[], columns: number): number {
  let [count, width] = [1, 0];
  for (const cell of row) {
    if (width + cell.width > columns) [count, width] = [count + 1, 0];
    width += cell.width;
  }
  return count;
}
