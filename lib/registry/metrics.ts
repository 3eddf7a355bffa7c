/**
 * A registry's numbers in the text format 0.0.4 of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). `docs/OPERATIONS.md` tells what each means.
 *
 * @module
 */
import { VERSION } from "../version.ts";
import type { Counters } from "./counters.ts";

/** The `Content-Type` of {@linkcode formatMetrics}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** What is so now, besides what has been counted. */
export interface Gauges {
  /** Registered users, those included whose connection is lost and whose name is kept. */
  readonly users: number;
  /** Open connections. */
  readonly connections: number;
  /** Private links that go through here. */
  readonly relayLinks: number;
  /** What waits on these for its readers, in bytes, 256 a message at least. */
  readonly relayQueued: number;
  /** Of this process, in bytes; 0 where the system does not tell. */
  readonly residentBytes: number;
  /** Heap and buffers in use, with what is garbage and not collected yet. */
  readonly usedBytes: number;
  /** Of this process so far, in seconds. */
  readonly cpuSeconds: number;
  /** Of this process, in seconds since 1970. */
  readonly startedAt: number;
}

type Kind = "counter" | "gauge";
type Labels = Readonly<Record<string, number>>;

/** The answer to `GET /metrics`: every name and label each time, also those that are 0. */
export function formatMetrics(counters: Counters, gauges: Gauges): string {
  const lines: string[] = [];
  const metric = (name: string, kind: Kind, help: string, value: number): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name} ${value}`);
  };
  const byLabel = (name: string, help: string, label: string, values: Labels): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
    for (const [each, value] of Object.entries(values)) {
      lines.push(`${name}{${label}="${each}"} ${value}`);
    }
  };
  const counter = (name: string, help: string, value: number): void =>
    metric(`confab_${name}_total`, "counter", help, value);
  const gauge = (name: string, help: string, value: number): void =>
    metric(name, "gauge", help, value);

  gauge("confab_users", "Registered users, with those whose place is kept.", gauges.users);
  gauge("confab_connections", "Open connections.", gauges.connections);
  counter("connections_opened", "Connections opened.", counters.connections);
  byLabel(
    "confab_connections_closed_total",
    "Connections closed, by reason.",
    "reason",
    counters.closes,
  );
  counter("accept_failures", "Times that accepting began to fail.", counters.acceptFailures);
  counter("joins", "Users who came in.", counters.joins);
  counter("leaves", "Users who left for good.", counters.leaves);
  counter("drops", "Users whose connection was lost, name and place kept.", counters.drops);
  counter("resumes", "Users who came back to a place that was kept.", counters.resumes);
  counter("broadcasts", "Broadcasts taken.", counters.broadcasts);
  counter("repeats", "Broadcasts dropped, as they had been taken before.", counters.repeats);
  counter("deliveries", "Broadcasts handed to recipients, each one counted.", counters.deliveries);
  counter("gaps", "Times that a user was told of missed broadcasts.", counters.gaps);
  counter("missed_broadcasts", "Broadcasts that were missed so.", counters.missed);
  counter("pings", "PINGs sent.", counters.pings);
  counter("observations", "Clients told by UDP where they are seen.", counters.observations);
  byLabel(
    "confab_observation_drops_total",
    "Datagrams that were not answered, by reason.",
    "reason",
    counters.observationDrops,
  );
  byLabel("confab_refusals_total", "What was refused, by code.", "code", counters.refused);
  gauge("confab_relay_links", "Private links that go through here.", gauges.relayLinks);
  gauge("confab_relay_queued_bytes", "What waits on them for readers.", gauges.relayQueued);
  counter("relay_links", "Private links that both sides asked for.", counters.relayLinks);
  counter("relay_messages", "Messages taken on private links.", counters.relayed);
  counter("relay_bytes", "Bytes of these messages.", counters.relayedBytes);
  byLabel(
    "confab_relay_ends_total",
    "Private links that ended or did not begin, by reason.",
    "reason",
    counters.relayEnds,
  );
  counter("passed", "Offers and answers handed on.", counters.passed);
  byLabel(
    "confab_unpassed_total",
    "Offers and answers not handed on, by reason.",
    "reason",
    counters.unpassed,
  );
  counter("received_bytes", "Bytes that arrived.", counters.bytesIn);
  counter("sent_bytes", "Bytes handed to connections to be written.", counters.bytesOut);
  gauge(
    "confab_queue_high_water_bytes",
    "The most that has waited for any one client.",
    counters.queueHighWater,
  );
  lines.push(
    "# HELP confab_build_info Always 1; the version is its label.",
    "# TYPE confab_build_info gauge",
    `confab_build_info{version="${VERSION}"} 1`,
  );

  // Names that Prometheus has for every process.
  gauge("process_start_time_seconds", "Start, in seconds since 1970.", gauges.startedAt);
  metric("process_cpu_seconds_total", "counter", "CPU time used.", gauges.cpuSeconds);
  // Read from a file, for which a process at its limit has no descriptor left.
  gauge("confab_memory_used_bytes", "Heap and buffers in use.", gauges.usedBytes);
  if (gauges.residentBytes > 0) {
    gauge("process_resident_memory_bytes", "Resident memory.", gauges.residentBytes);
  }
  return lines.map((line) => `${line}\n`).join("");
}
