import type { Section } from "./section.ts";

const FILES: readonly string[] = ["bench/codec_bench.ts", "bench/crypto_bench.ts"];

/** What this reads of `deno bench --json`; times in nanoseconds. */
interface DenoBenchReport {
  readonly benches: readonly {
    readonly group: string | null;
    readonly name: string;
    readonly results: readonly { readonly ok?: { readonly avg: number; readonly p99: number } }[];
  }[];
}

/** The parts without sockets, by `Deno.bench`. */
export const MICRO: Section = {
  key: "micro",
  title: "Codec, Noise and identity, by themselves (`Deno.bench`)",
  columns: [
    { key: "what", title: "what" },
    { key: "time", title: "us", digits: 1 },
    { key: "p99", title: "p99 us", digits: 1 },
  ],
  async *measure(bed) {
    const flags = ["--no-prompt", "--deny-import", "--quiet", "--json"];
    await using child = bed.child(["bench", ...flags, ...FILES]);
    const report: DenoBenchReport = JSON.parse(await child.allOutput());
    for (const { group, name, results } of report.benches) {
      const what = group === null ? name : `${group}: ${name}`;
      const { ok } = results[0] ?? {};
      if (!ok) yield { what, note: "failed" };
      else yield { what, time: ok.avg / 1e3, p99: ok.p99 / 1e3 };
    }
  },
};
