import { randomHex } from "../crypto/random.ts";
import { steadyNow } from "../net/alarm.ts";
import { DatagramPort } from "../net/datagrams.ts";
import { dial } from "../net/dial.ts";
import type { Link } from "../net/link.ts";
import { ObservationRound } from "../peer/observation_round.ts";
import { type Endpoint, formatIp, isV6, parseIp } from "../protocol/address.ts";
import { parseDatagram } from "../protocol/datagram.ts";
import { ProtocolError } from "../protocol/error.ts";
import { EPHEMERAL, NONCE_DIGITS, type RegistryCaps } from "../protocol/keyed.ts";
import { OBSERVE, type Observed } from "../protocol/observe.ts";
import { RELAY } from "../protocol/relay.ts";
import { LocalStore } from "../store/local_store.ts";
import { RegistryPin } from "../store/registry_pin.ts";
import { MemoryStore } from "../store/store.ts";
import { addressCheck, type Check, type Findings, natCheck, noFindings } from "./diagnosis.ts";
import type { DoctorSettings } from "./doctor_flags.ts";
import { check, checkListening, checkStore, checkTerminal, LOCAL_MS } from "./local_checks.ts";
import { RegistryAnswers } from "./registry_answers.ts";
import { within } from "./within.ts";

/** From dialling to a connection, in milliseconds: a registry across the world answers in one. */
const DIAL_MS = 4_000;

/** All checks, in their order; what they find is in `findings` when they are over. Each wait has a bound. */
export class DoctorChecks {
  readonly findings: Findings = noFindings();
  readonly #settings: DoctorSettings;
  #heard: (bytes: Uint8Array, from: Endpoint) => void = () => {};

  constructor(settings: DoctorSettings) {
    this.#settings = settings;
  }

  /** Runs them; each is told as soon as it is over. */
  async *run(): AsyncGenerator<Check> {
    const { server, port, ip, profile } = this.#settings;
    const problems: string[] = [];
    const onError = (message: string): unknown => problems.push(message);
    const store = profile === undefined ? undefined : new LocalStore(profile, onError);
    const startedAt = steadyNow();
    let link: Link | undefined;
    try {
      link = await dial(server, port, AbortSignal.timeout(DIAL_MS));
      yield* this.#connected(link, steadyNow() - startedAt);
    } catch (error) {
      yield* this.#notConnected(error);
    }
    let observed: Observed | undefined;
    if (link) {
      const answers = new RegistryAnswers(link);
      const pin = new RegistryPin(store ?? new MemoryStore(), server, port, false);
      observed = yield* this.#confab(answers, pin);
    }
    const own = ip ?? this.findings.localIp ?? "127.0.0.1";
    const udp = this.#bind(own);
    yield udp.check;
    if (udp.port) {
      const remote = link && parseIp(link.remoteAddr.hostname);
      if (remote !== undefined && this.findings.registry) {
        yield* this.#udp(udp.port, observed, remote);
      }
      yield await this.#hears(udp.port);
    }
    link?.abort();
    await link?.closed;
    if (udp.port) await udp.port[Symbol.asyncDispose]();
    const listening = await checkListening(own, this.findings.localIp ?? "127.0.0.1");
    this.findings.listens = listening.status === "ok";
    yield listening;
    const kept = await checkStore(store, profile, problems);
    if (profile !== undefined) this.findings.store = kept.status === "ok" ? "kept" : "failing";
    yield kept;
    yield checkTerminal();
  }

  *#connected(link: Link, ms: number): Generator<Check> {
    const { server } = this.#settings;
    const remote = parseIp(link.remoteAddr.hostname) ?? link.remoteAddr.hostname;
    this.findings.localIp = parseIp(link.localAddr.hostname);
    const text = parseIp(server) === undefined
      ? `${server} is ${remote}`
      : `${server} is an address`;
    yield check("name", "ok", text);
    yield { ...check("tcp", "ok", `connected in ${milliseconds(ms)}`), ms: Math.round(ms) };
  }

  *#notConnected(error: unknown): Generator<Check> {
    const { server, port } = this.#settings;
    const why = error instanceof Error ? error.message : String(error);
    const isUnknown = /lookup|resolve|name or service|nodename|invalid host/i.test(why);
    if (isUnknown) {
      yield check("name", "fail", `${server} is not known: is it spelled right? (${why})`);
      return;
    }
    const isLate = error instanceof DOMException || error instanceof Deno.errors.TimedOut;
    if (parseIp(server) !== undefined) yield check("name", "ok", `${server} is an address`);
    else if (isLate) yield check("name", "warn", "not known: no answer came in time");
    else yield check("name", "ok", "found");
    yield check(
      "tcp",
      "fail",
      isLate
        ? `no answer from ${server} port ${port} in ${DIAL_MS / 1_000} s: is a firewall in between?`
        : `nobody answers at ${server} port ${port}: is the registry running there? (${why})`,
    );
  }

  async *#confab(
    answers: RegistryAnswers,
    pin: RegistryPin,
  ): AsyncGenerator<Check, Observed | undefined> {
    const startedAt = steadyNow();
    const caps = await answers.caps;
    if (typeof caps === "string") {
      yield check("confab", "fail", caps);
      return undefined;
    }
    const ms = steadyNow() - startedAt;
    const able = caps.capabilities.join(", ");
    yield {
      ...check("confab", "ok", `a registry, answered in ${milliseconds(ms)}: ${able}`),
      ms: Math.round(ms),
    };
    yield this.#key(caps, pin.compare(caps.registryKey));
    this.findings.relays = caps.capabilities.includes(RELAY);
    if (!caps.capabilities.includes(OBSERVE)) return undefined;
    const observed = await answers.observed;
    return typeof observed === "string" ? undefined : observed;
  }

  #key({ capabilities, registryKey }: RegistryCaps, what: "known" | "new" | "other"): Check {
    this.findings.registry = what !== "other";
    const short = `${registryKey.slice(0, 16)}...`;
    if (what === "known") return check("key", "ok", `${short}, the one known`);
    if (what === "new") {
      const lasts = capabilities.includes(EPHEMERAL) ? ", of this run of it alone" : "";
      return check("key", "ok", `${short}, new to this profile${lasts}`);
    }
    return check(
      "key",
      "fail",
      `${short} is ANOTHER KEY than the one known: it was set up anew, or somebody poses as it; ` +
        `if you know why, start the client once with --trust-registry`,
    );
  }

  /** As the client does it. */
  #bind(ip: string): { readonly check: Check; readonly port?: DatagramPort } {
    const { udpPort } = this.#settings;
    const wildcard = isV6(ip) ? "::" : "0.0.0.0";
    const handler = {
      datagram: (bytes: Uint8Array, from: Endpoint) => this.#heard(bytes, from),
    };
    let error: unknown;
    for (const hostname of [ip, wildcard]) {
      try {
        const port = new DatagramPort(hostname, udpPort, handler);
        const own = this.findings.own = { ip, port: port.addr.port };
        const where = hostname === ip
          ? `${formatIp(ip)}:${own.port}`
          : `${own.port} of all addresses: ${ip} is not this machine's own, but that of a router perhaps`;
        return { check: check("udp-port", "ok", where), port };
      } catch (failure) {
        error = failure;
        if (!(failure instanceof Deno.errors.AddrNotAvailable)) break;
      }
    }
    this.findings.registry = false;
    const taken = error instanceof Deno.errors.AddrInUse;
    const why = error instanceof Error ? error.message : String(error);
    const text = taken
      ? `${udpPort} is taken by another program: choose another --udp-port, or none`
      : `cannot use UDP port ${udpPort} at ${ip}: ${why}`;
    return { check: check("udp-port", "fail", text) };
  }

  /** Out to the registry and back, from our port. */
  async *#udp(
    port: DatagramPort,
    observed: Observed | undefined,
    registryIp: string,
  ): AsyncGenerator<Check> {
    const { findings } = this;
    if (!observed || observed.udpPorts.length === 0) {
      yield check("udp", "warn", "not known: this registry does not tell where it sees us by UDP");
      yield addressCheck(findings);
      yield natCheck(findings);
      return;
    }
    const round = new ObservationRound(observed, registryIp, steadyNow());
    await this.#observe(port, round);
    const [first] = round.sightings;
    findings.seen = first && { ip: first.ip, port: first.port };
    findings.mapping = round.mapping;
    const asked = observed.udpPorts.length;
    if (!first) {
      const ports = observed.udpPorts.join(" and ");
      const text =
        `no answer from the registry's UDP ports ${ports}: is a firewall in between, here or there?`;
      yield check("udp", "warn", text);
    } else {
      const ms = Math.round(first.ms);
      const silent = asked - round.sightings.length;
      const text = `out and back in ${
        milliseconds(first.ms)
      }, from ${round.sightings.length} of ${asked} ports`;
      yield { ...check("udp", silent === 0 ? "ok" : "warn", text), ms };
    }
    yield addressCheck(findings);
    yield natCheck(findings);
  }

  async #observe(port: DatagramPort, round: ObservationRound): Promise<void> {
    let arrived = Promise.withResolvers<void>();
    this.#heard = (bytes, from) => {
      const observation = parsed(bytes);
      if (observation?.kind === "observed") round.observed(observation, from, steadyNow());
      arrived.resolve();
    };
    while (!round.isOver) {
      for (const { bytes, to } of round.due(steadyNow())) await port.send(bytes, to);
      const at = round.nextTimeout();
      if (at === undefined) break;
      await within(Math.max(0, at - steadyNow()), arrived.promise);
      arrived = Promise.withResolvers<void>();
    }
  }

  /** Whether our port takes what comes from another socket. */
  async #hears(port: DatagramPort): Promise<Check> {
    const { findings } = this;
    const { hostname, port: number } = port.addr;
    const isWild = parseIp(hostname) === "0.0.0.0" || parseIp(hostname) === "::";
    const ip = isWild ? findings.localIp ?? "127.0.0.1" : hostname;
    const token = randomHex(NONCE_DIGITS);
    const heard = Promise.withResolvers<true>();
    this.#heard = (bytes) => {
      if (new TextDecoder().decode(bytes) === token) heard.resolve(true);
    };
    try {
      await using other = new DatagramPort(ip, 0, { datagram: () => {} });
      await other.send(new TextEncoder().encode(token), { ip, port: number });
      findings.hears = await within(LOCAL_MS, heard.promise) === true;
    } catch {
      findings.hears = false;
    }
    return findings.hears
      ? check("udp-in", "ok", "what is sent to our UDP port on this machine arrives")
      : check(
        "udp-in",
        "warn",
        "nothing that is sent to our UDP port arrives: a firewall drops it",
      );
  }
}

function parsed(bytes: Uint8Array): ReturnType<typeof parseDatagram> | undefined {
  try {
    return parseDatagram(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
