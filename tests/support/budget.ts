/**
 * How long a long test may go on, in milliseconds: its third of `--minutes N`, 2 where nothing is said.
 * `deno task test:long --minutes 30` gives each more.
 */
export function budgetMs(): number {
  const at = Deno.args.indexOf("--minutes");
  const minutes = at < 0 ? 2 : Number(Deno.args[at + 1]);
  if (!(minutes > 0)) throw new RangeError("--minutes takes a number above 0");
  return minutes * 60_000 / 3;
}
