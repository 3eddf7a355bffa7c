/**
 * Payloads with one fault each, made of good fields.
 *
 * @module
 */

/** What is not `good`, the hexadecimal digits of something, though it has the form of it almost. */
export function almostHex(good: string): string[] {
  return [
    ...["", "-", good.slice(1), `${good}0`, good.slice(2), good + good],
    ...[good.toUpperCase(), `${good.slice(1)}A`, `${good.slice(1)}g`, `g${good.slice(1)}`],
    ...[`${good}\n`, `${good.slice(1)}\n`, ` ${good.slice(1)}`, `0x${good.slice(2)}`],
    ...[`${good.slice(1)}٣`, `${good.slice(1)}é`, `+${good.slice(1)}`],
  ];
}

/** The payload of `fields` with the one at `index` as each of `values`. */
export function variants(
  fields: readonly string[],
  index: number,
  values: readonly string[],
): string[] {
  return values.map((value) => fields.with(index, value).join(":"));
}

/** `fields` without the last, without each other, with one more behind, and with one more first. */
export function otherCounts(fields: readonly string[]): string[] {
  return [
    ...fields.slice(1).map((_, i) => fields.toSpliced(i + 1, 1).join(":")),
    `${fields.join(":")}:`,
    `${fields.join(":")}:x`,
    fields.toSpliced(1, 0, "").join(":"),
    fields.toSpliced(1, 0, fields[1] ?? "").join(":"),
  ];
}

/** What is no number of section 10: 0 to 2^53 - 1 in decimal, in one spelling. */
export const NO_NUMBER: readonly string[] = [
  ...["", "-", "-0", "-1", "+0", "+1", "00", "01", "007", "1.0", "1.", ".1", "1e3", "1E3", "1n"],
  ...["0x10", "0b1", "0o7", "1_000", "1,000", " 1", "1 ", "1\n", "\n1", "1\r", "\t1", "\u00a01"],
  ...["9007199254740992", "9007199254740993", "9999999999999999", "10000000000000000"],
  ...["18446744073709551615", "18446744073709551616", "1".repeat(400), "0".repeat(17)],
  ...["Infinity", "NaN", "null", "true", "x", "1x", "x1", "1f", "٣", "１", "१", "𝟏", "¹", "½"],
];
