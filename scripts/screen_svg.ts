/**
 * The screen of a terminal as an SVG picture: text that can be selected and read out, no scripts, no fonts of
 * its own.
 *
 * @module
 */

/** Neighbouring cells of one row that look alike. */
export interface Run {
  /** The column of the first one, counted from 0. */
  readonly column: number;
  /** How many columns they take. */
  readonly columns: number;
  readonly text: string;
  /** `#rrggbb`; `undefined` for the terminal's own colour. */
  readonly colour: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
}

/** What a screen shows. */
export interface Screen {
  readonly columns: number;
  readonly rows: readonly (readonly Run[])[];
  /** Where the cursor is, counted from 0. */
  readonly cursor: { readonly row: number; readonly column: number };
}

/** What the picture says to those who do not see it, and in its title bar. */
export interface Caption {
  readonly title: string;
  readonly description: string;
}

/** Units of the picture that one cell takes, at a font size of 14. */
const CELL = { width: 8.4, height: 19 } as const;
const FONT_SIZE = 14;
/** Above the first row, for the title bar; beside and below the text. */
const [BAR, MARGIN] = [36, 14];
/** Dark in itself, with an edge that is seen on dark and on light pages. */
const INK = { paper: "#0d1017", bar: "#1c212b", edge: "#57606a", text: "#e6edf3", mute: "#9aa4b0" };
const FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace";

/** The picture, as a file of its own. */
export function screenSvg(screen: Screen, caption: Caption): string {
  const width = round(screen.columns * CELL.width + 2 * MARGIN);
  const height = round(BAR + screen.rows.length * CELL.height + MARGIN);
  const box = `x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="9"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeXml(caption.title)}</title>`,
    `<desc id="desc">${escapeXml(caption.description)}</desc>`,
    `<rect ${box} fill="${INK.paper}" stroke="${INK.edge}"/>`,
    `<path d="M1 ${BAR - 8}V9.5a8.5 8.5 0 0 1 8.5-8.5H${width - 9.5}a8.5 8.5 0 0 1 8.5 8.5V${
      BAR - 8
    }z" fill="${INK.bar}"/>`,
    ...["#ff5f57", "#febc2e", "#28c840"].map((colour, i) =>
      `<circle cx="${16 + i * 18}" cy="14.5" r="5" fill="${colour}"/>`
    ),
    `<g font-family="${FONT}" font-size="${FONT_SIZE}" fill="${INK.text}">`,
    `<text x="${round(width / 2)}" y="19" font-size="12" text-anchor="middle" fill="${INK.mute}">${
      escapeXml(caption.title)
    }</text>`,
    ...screen.rows.flatMap((runs, row) => runs.flatMap((run) => drawRun(run, row))),
    drawCursor(screen.cursor),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function drawRun(run: Run, row: number): string[] {
  const colour = run.colour ?? INK.text;
  const behind = run.inverse ? [drawBlock(run.column, row, run.columns, `fill="${colour}"`)] : [];
  const indent = run.text.length - run.text.trimStart().length;
  const text = run.text.trim();
  if (text === "") return behind;
  const columns = run.columns - (run.text.length - text.length);
  const look = [
    run.inverse ? ` fill="${INK.paper}"` : run.colour ? ` fill="${colour}"` : "",
    run.bold ? ' font-weight="bold"' : "",
    run.dim ? ' opacity="0.6"' : "",
  ].join("");
  // The length keeps the columns straight, whatever the width of the font that is found.
  const length = `textLength="${round(columns * CELL.width)}" lengthAdjust="spacingAndGlyphs"`;
  const at = `x="${left(run.column + indent)}" y="${round(top(row) + 14.5)}"`;
  return [...behind, `<text xml:space="preserve" ${at} ${length}${look}>${escapeXml(text)}</text>`];
}

function drawCursor({ row, column }: Screen["cursor"]): string {
  return drawBlock(column, row, 1, `fill="${INK.text}" opacity="0.75"`);
}

function drawBlock(column: number, row: number, columns: number, look: string): string {
  const size = `width="${round(columns * CELL.width)}" height="${CELL.height}"`;
  return `<rect x="${left(column)}" y="${top(row)}" ${size} ${look}/>`;
}

function left(column: number): number {
  return round(MARGIN + column * CELL.width);
}

function top(row: number): number {
  return round(BAR + row * CELL.height);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** `text` as content of an element; what XML 1.0 cannot hold is shown as U+FFFD. */
function escapeXml(text: string): string {
  return text.toWellFormed().replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}
