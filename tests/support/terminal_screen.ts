import type xterm from "@xterm/headless";
import type { Run, Screen } from "../../scripts/screen_svg.ts";

type Terminal = InstanceType<typeof xterm.Terminal>;
type Cell = NonNullable<ReturnType<Terminal["buffer"]["active"]["getNullCell"]>>;
type Look = Pick<Run, "colour" | "bold" | "dim" | "inverse">;

/** The first `rows` lines of `terminal` as they look. */
export function readScreen(terminal: Terminal, rows: number, cursor: Screen["cursor"]): Screen {
  const columns = terminal.cols;
  return { columns, rows: Array.from({ length: rows }, (_, y) => readRow(terminal, y)), cursor };
}

function readRow(terminal: Terminal, y: number): Run[] {
  const line = terminal.buffer.active.getLine(y);
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    // The second half of a wide character has no width of its own.
    if (!cell || cell.getWidth() === 0) continue;
    const [look, width, text] = [lookOf(cell), cell.getWidth(), cell.getChars() || " "];
    const last = runs.at(-1);
    // A wide character stands alone: fonts do not agree how wide it is.
    if (last && width === 1 && last.columns === last.text.length && looksLike(last, look)) {
      runs[runs.length - 1] = { ...last, columns: last.columns + 1, text: last.text + text };
    } else {
      runs.push({ column, columns: width, text, ...look });
    }
  }
  return runs.filter((run) => run.inverse || run.text.trim() !== "");
}

function looksLike(run: Look, look: Look): boolean {
  return run.colour === look.colour && run.bold === look.bold && run.dim === look.dim &&
    run.inverse === look.inverse;
}

function lookOf(cell: Cell): Look {
  return {
    colour: colourOf(cell),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    inverse: cell.isInverse() !== 0,
  };
}

function colourOf(cell: Cell): string | undefined {
  if (cell.isFgRGB()) return hex(cell.getFgColor());
  if (!cell.isFgPalette()) return undefined;
  const index = cell.getFgColor();
  if (index < 16) return SIXTEEN[index];
  if (index >= 232) return hex((8 + (index - 232) * 10) * 0x010101);
  const [red, green, blue] = [36, 6, 1].map((unit) => {
    const level = Math.floor((index - 16) / unit) % 6;
    return level === 0 ? 0 : 55 + level * 40;
  });
  return hex(((red ?? 0) << 16) | ((green ?? 0) << 8) | (blue ?? 0));
}

/** The first sixteen, as xterm has them. */
const SIXTEEN = [
  ...["#000000", "#cd0000", "#00cd00", "#cdcd00", "#5c5cff", "#cd00cd", "#00cdcd", "#e5e5e5"],
  ...["#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"],
];

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}
