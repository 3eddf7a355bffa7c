import type { Bed } from "./bed.ts";
import { NotMeasured } from "./child.ts";

/** One line of a table. What could not be had is `undefined`; `note` says why. */
export type Row = Readonly<Record<string, string | number | undefined>>;

/** One column of a table. */
export interface Column {
  /** The name of its values in a {@linkcode Row}. */
  readonly key: string;
  /** With the unit. */
  readonly title: string;
  /**
   * Behind the decimal point.
   * @default {0}
   */
  readonly digits?: number;
}

/** One thing that the bench measures. */
export interface Section {
  /** What `--only` calls it. */
  readonly key: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** Measures, row by row. */
  measure(bed: Bed): AsyncIterable<Row>;
}

/** `what` with what `measure` finds; with a note alone if it could not be measured. */
export async function rowOf(what: Row, measure: () => Promise<Row>): Promise<Row> {
  try {
    return { ...what, ...await measure() };
  } catch (error) {
    if (!(error instanceof NotMeasured)) throw error;
    return { ...what, note: error.message };
  }
}
