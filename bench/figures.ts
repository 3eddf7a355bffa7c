import type { Column, Row } from "./section.ts";

/** A load's figures, and who was busy meanwhile, as shares of one core. */
export interface Observed {
  readonly figures: { readonly seconds: number; readonly loadBusy: number };
  readonly serverBusy: number | undefined;
  readonly machineBusy: number | undefined;
}

/** Who was busy: see {@linkcode busyRow}. */
export const BUSY_COLUMNS: readonly Column[] = [
  { key: "server", title: "server %" },
  { key: "load", title: "load %" },
  { key: "others", title: "others %" },
];

/** Whether all was delivered. */
export const ACCOUNT_COLUMNS: readonly Column[] = [
  { key: "lost", title: "lost" },
  { key: "disordered", title: "disordered" },
];

/**
 * Who was busy while a load measured, in percent of one core. `others` are all other processes of the machine: what
 * they take may be taken from server or load.
 */
export function busyRow({ figures, serverBusy, machineBusy }: Observed): Row {
  const { loadBusy } = figures;
  const load = loadBusy * 100;
  if (serverBusy === undefined || machineBusy === undefined) return { load };
  const others = Math.max(0, machineBusy - serverBusy - loadBusy);
  return { server: serverBusy * 100, load, others: others * 100 };
}

/** CPU seconds that the server took, on average, for each of `count` things. */
export function cpuEach({ figures, serverBusy }: Observed, count: number): number | undefined {
  return times(serverBusy, figures.seconds / count);
}

/** `value`, where there is one, in another unit. */
export function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

/** The middle one; of two, the lower. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
