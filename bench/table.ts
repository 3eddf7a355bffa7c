import type { Column, Row } from "./section.ts";

const NOTE: Column = { key: "note", title: "note" };
const NOTHING = "-";

/** A table in Markdown, its columns aligned; a column of notes only where there are some. */
export function formatTable(columns: readonly Column[], rows: readonly Row[]): string {
  const noted = rows.some((row) => row[NOTE.key] !== undefined);
  const shown = noted ? [...columns, NOTE] : columns;
  const cells = rows.map((row) => shown.map((column) => formatCell(column, row[column.key])));
  const widths = shown.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((line) => line[at]?.length ?? 0))
  );
  const isText = shown.map(({ key }) => rows.some((row) => typeof row[key] === "string"));
  const line = (texts: readonly string[]): string => {
    const padded = texts.map((text, at) => {
      const width = widths[at] ?? 0;
      return isText[at] ? text.padEnd(width) : text.padStart(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = `|${
    widths.map((width, at) => isText[at] ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)
      .join("|")
  }|`;
  return [line(shown.map(({ title }) => title)), rule, ...cells.map(line)].join("\n");
}

function formatCell({ key, digits = 0 }: Column, value: Row[string]): string {
  if (value === undefined) return key === NOTE.key ? "" : NOTHING;
  if (typeof value === "string") return value;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
