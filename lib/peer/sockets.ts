import { OBSERVE } from "../protocol/observe.ts";
import { dial } from "../net/dial.ts";
import { dialFrom } from "../net/dial_from.ts";
import { DatagramPort } from "../net/datagrams.ts";
import type { Link } from "../net/link.ts";
import { Listener } from "../net/listener.ts";
import { type Endpoint, isLoopback, isV6, parseIp } from "../protocol/address.ts";
import type { DialFailure } from "./attempts.ts";
import { MAX_QUEUED_LINK_BYTES, MAX_QUEUED_REGISTRY_BYTES } from "./limits.ts";
import type { LinkId } from "./port.ts";
import { RegistryProbe } from "./registry_probe.ts";
import type { OwnAddress } from "./self.ts";

/** What arrives on a client's sockets. */
export interface SocketsHandler {
  registryOpened(own: OwnAddress): void;
  registryReceived(chunk: Uint8Array): void;
  registryClosed(why: string): void;
  datagram(bytes: Uint8Array, from: Endpoint): void;
  listening(offer: string, tcpPort: number): void;
  listenFailed(offer: string, why: string): void;
  /** A number for a link that was accepted. */
  newLinkId(): LinkId;
  linkAccepted(link: LinkId, offer: string, remoteIp: string): void;
  /** A port of ours is seen so by the registry; `undefined` if it does not tell. */
  observed(probe: LinkId, seen: Endpoint | undefined): void;
  linkOpened(link: LinkId): void;
  linkReceived(link: LinkId, chunk: Uint8Array): void;
  /** Little that was sent on a link waits any more. */
  linkDrained(link: LinkId): void;
  /** `failure`: why it could not be made; left out for one that was there. */
  linkEnded(link: LinkId, failure?: DialFailure): void;
}

/** Where a client's sockets go. */
export interface SocketsOptions {
  /** The registry: an IP literal or a host name. */
  readonly server: string;
  readonly port: number;
  /** The IP that others reach us at; that of the connection's own end where it is not given. */
  readonly ip: string | undefined;
  /** 0 lets the system choose. */
  readonly udpPort: number;
}

/**
 * All sockets of one client, and nothing but the sockets: a thin shell around the engine. Nothing here
 * throws; what fails is told to the handler.
 */
export class Sockets {
  readonly #options: SocketsOptions;
  readonly #handler: SocketsHandler;
  readonly #stop = new AbortController();
  readonly #closing = new Set<Promise<void>>();
  #registry: Link | undefined;
  #registryAttempt = new AbortController();
  /** Where our UDP and listening sockets are bound; known after the first connection. */
  #bound: { readonly ip: string; readonly hostname: string } | undefined;
  readonly #datagrams = new Map<"v4" | "v6", DatagramPort>();
  readonly #listeners = new Map<string, Listener>();
  readonly #links = new Map<LinkId, Link | AbortController>();
  /** Connections to the registry from ports of their own. */
  readonly #probes = new Map<LinkId, Link | AbortController>();

  constructor(options: SocketsOptions, handler: SocketsHandler) {
    this.#options = options;
    this.#handler = handler;
  }

  connectRegistry(): void {
    this.#track(this.#connectRegistry());
  }

  async #connectRegistry(): Promise<void> {
    const { server, port } = this.#options;
    // Never two at once: what is left of one that was given up goes.
    this.#registry?.abort();
    this.#registry = undefined;
    const attempt = this.#registryAttempt = new AbortController();
    const signal = AbortSignal.any([attempt.signal, this.#stop.signal]);
    let link: Link;
    try {
      link = await dial(server, port, signal);
    } catch (error) {
      // Whoever gave it up knows; the next may be under way already.
      if (attempt.signal.aborted) return;
      return this.#handler.registryClosed(
        `no registry answers at ${server}:${port}: ${text(error)}`,
      );
    }
    if (signal.aborted) return link.abort();
    let own: OwnAddress;
    try {
      own = this.#bind(link);
    } catch (error) {
      link.abort();
      return this.#handler.registryClosed(text(error));
    }
    this.#registry = link;
    this.#track(link.closed);
    link.start({
      // Unless it was given up for a newer one meanwhile.
      received: (chunk) => {
        if (this.#registry === link) this.#handler.registryReceived(chunk);
      },
      ended: () => {
        if (this.#registry === link) this.#handler.registryClosed("the connection ended");
      },
    });
    this.#handler.registryOpened(own);
  }

  sendRegistry(bytes: Uint8Array): void {
    const link = this.#registry;
    if (!link) return;
    if (link.queued + bytes.length > MAX_QUEUED_REGISTRY_BYTES) link.abort();
    else link.send(bytes);
  }

  endRegistry(): void {
    this.#registryAttempt.abort();
    this.#registry?.end();
  }

  sendDatagram(bytes: Uint8Array, to: Endpoint): void {
    const port = this.#datagramsTo(to.ip);
    if (port) this.#track(port.send(bytes, to));
  }

  listen(offer: string, peerIp: string): void {
    if (this.#stop.signal.aborted) return;
    const hostname = this.#hostnameFor(peerIp);
    if (hostname === undefined) {
      const why = `${peerIp} is of another IP version than our own address`;
      return this.#handler.listenFailed(offer, why);
    }
    try {
      const listener = new Listener(hostname, 0, {
        accepted: (link) => {
          const id = this.#handler.newLinkId();
          this.#start(id, link);
          this.#handler.linkAccepted(id, offer, parseIp(link.remoteAddr.hostname) ?? "");
        },
        acceptFailed: () => {},
      });
      this.#listeners.set(offer, listener);
      this.#handler.listening(offer, listener.addr.port);
    } catch (error) {
      this.#handler.listenFailed(offer, text(error));
    }
  }

  unlisten(offer: string): void {
    const listener = this.#listeners.get(offer);
    if (!listener) return;
    this.#listeners.delete(offer);
    this.#track(listener[Symbol.asyncDispose]());
  }

  dial(id: LinkId, to: Endpoint): void {
    this.#track(this.#dial(id, (signal) => dial(to.ip, to.port, signal)));
  }

  async #dial(id: LinkId, connect: (signal: AbortSignal) => Promise<Link>): Promise<void> {
    const attempt = new AbortController();
    this.#links.set(id, attempt);
    const signal = AbortSignal.any([attempt.signal, this.#stop.signal]);
    let link: Link;
    try {
      link = await connect(signal);
    } catch (error) {
      this.#links.delete(id);
      return this.#handler.linkEnded(id, dialFailureOf(error));
    }
    if (signal.aborted) {
      this.#links.delete(id);
      return link.abort();
    }
    this.#start(id, link);
    this.#handler.linkOpened(id);
  }

  /** Connects to the registry from a port of its own, to learn how that is seen. */
  observe(probe: LinkId, nonce: string): void {
    this.#track(this.#observe(probe, nonce));
  }

  async #observe(id: LinkId, nonce: string): Promise<void> {
    const attempt = new AbortController();
    this.#probes.set(id, attempt);
    const signal = AbortSignal.any([attempt.signal, this.#stop.signal]);
    const hostname = this.#registry?.localAddr.hostname;
    const { server, port } = this.#options;
    let link: Link;
    try {
      if (hostname === undefined) throw new Error("no registry");
      link = await dialFrom(server, port, { hostname, port: 0 }, signal);
    } catch {
      if (!signal.aborted) this.#handler.observed(id, undefined);
      return;
    }
    if (signal.aborted) return link.abort();
    this.#probes.set(id, link);
    this.#track(link.closed);
    const told = (seen: Endpoint | undefined): void => {
      if (this.#probes.get(id) === link) this.#handler.observed(id, seen);
    };
    const asked = new RegistryProbe(nonce, {
      send: (bytes) => link.send(bytes),
      // One that does not observe says nothing after this.
      greeted: ({ capabilities }) => {
        if (!capabilities.includes(OBSERVE)) told(undefined);
      },
      observed: ({ ip, port }) => told({ ip, port }),
      failed: () => told(undefined),
    });
    link.start({ received: (chunk) => asked.receive(chunk), ended: () => asked.ended() });
  }

  unobserve(id: LinkId): void {
    this.#probes.get(id)?.abort();
    this.#probes.delete(id);
  }

  /** Dials from the port of a probe. */
  punch(id: LinkId, probe: LinkId, to: Endpoint): void {
    const link = this.#probes.get(probe);
    const from = link && "localAddr" in link ? link.localAddr : undefined;
    if (from) this.#track(this.#dial(id, (signal) => dialFrom(to.ip, to.port, from, signal)));
    else this.#handler.linkEnded(id, "failed");
  }

  sendLink(id: LinkId, bytes: Uint8Array): boolean {
    const link = this.#links.get(id);
    if (!link || !("send" in link)) return true;
    if (link.queued + bytes.length > MAX_QUEUED_LINK_BYTES) return false;
    link.send(bytes);
    return true;
  }

  queued(id: LinkId): number {
    const link = this.#links.get(id);
    return link && "queued" in link ? link.queued : 0;
  }

  pauseLink(id: LinkId, isPaused: boolean): void {
    const link = this.#links.get(id);
    if (!link || !("send" in link)) return;
    if (isPaused) link.pause();
    else link.resume();
  }

  endLink(id: LinkId): void {
    const link = this.#links.get(id);
    if (!link) return;
    if ("end" in link) link.end();
    else link.abort();
  }

  /** Closes everything that is not ending by itself, and waits until all is closed. */
  async close(): Promise<void> {
    this.#stop.abort();
    for (const offer of [...this.#listeners.keys()]) this.unlisten(offer);
    for (const probe of [...this.#probes.keys()]) this.unobserve(probe);
    await this.#allClosed();
    for (const port of this.#datagrams.values()) this.#track(port[Symbol.asyncDispose]());
    await this.#allClosed();
  }

  /** Closes every socket at once, as if the process had been killed. */
  async abort(): Promise<void> {
    this.#registry?.abort();
    for (const link of this.#links.values()) link.abort();
    await this.close();
  }

  /** Binds our UDP port the first time; later connections keep address and port. */
  #bind(link: Link): OwnAddress {
    if (!this.#bound) {
      const ip = this.#options.ip ?? parseIp(link.localAddr.hostname);
      if (ip === undefined) throw new Error(`Cannot use ${link.localAddr.hostname} as an address`);
      let hostname = ip;
      try {
        this.#listenDatagrams(hostname, this.#options.udpPort);
      } catch (error) {
        // An address that is not this machine's own: that of a router in front of it.
        if (!(error instanceof Deno.errors.AddrNotAvailable)) {
          throw new Error(`Cannot use UDP port ${this.#options.udpPort} at ${ip}: ${text(error)}`);
        }
        hostname = isV6(ip) ? "::" : "0.0.0.0";
        this.#listenDatagrams(hostname, this.#options.udpPort);
      }
      this.#bound = { ip, hostname };
    }
    const { ip } = this.#bound;
    const udpPort = this.#datagrams.get(family(ip))?.addr.port ?? this.#options.udpPort;
    const localIp = parseIp(link.localAddr.hostname) ?? ip;
    return { ip, udpPort, localIp };
  }

  #listenDatagrams(hostname: string, port: number): DatagramPort {
    const datagrams = new DatagramPort(hostname, port, {
      datagram: (bytes, from) => this.#handler.datagram(bytes, from),
    });
    this.#datagrams.set(family(hostname), datagrams);
    return datagrams;
  }

  /** Where to bind so that a peer at `ip` and we reach each other; `undefined` if nowhere. */
  #hostnameFor(ip: string): string | undefined {
    if (!this.#bound) return undefined;
    if (isV6(ip) === isV6(this.#bound.ip)) return this.#bound.hostname;
    // Both on this very machine: its other loopback address serves as well.
    if (isLoopback(ip) && isLoopback(this.#bound.ip)) return isV6(ip) ? "::1" : "127.0.0.1";
    return undefined;
  }

  #datagramsTo(ip: string): DatagramPort | undefined {
    const open = this.#datagrams.get(family(ip));
    if (open || this.#stop.signal.aborted) return open;
    const hostname = this.#hostnameFor(ip);
    if (hostname === undefined) return undefined;
    try {
      return this.#listenDatagrams(hostname, 0);
    } catch {
      return undefined; // No socket to be had: to the engine, a lost datagram.
    }
  }

  #start(id: LinkId, link: Link): void {
    this.#links.set(id, link);
    this.#track(link.closed);
    link.start({
      received: (chunk) => this.#handler.linkReceived(id, chunk),
      drained: () => this.#handler.linkDrained(id),
      ended: () => {
        this.#links.delete(id);
        this.#handler.linkEnded(id);
      },
    });
  }

  #track(task: Promise<void>): void {
    this.#closing.add(task);
    task.finally(() => this.#closing.delete(task));
  }

  async #allClosed(): Promise<void> {
    while (this.#closing.size > 0) await Promise.allSettled(this.#closing);
  }
}

function family(ip: string): "v4" | "v6" {
  return isV6(ip) ? "v6" : "v4";
}

function dialFailureOf(error: unknown): DialFailure {
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  if (error instanceof Deno.errors.TimedOut) return "timed-out";
  const unreachable = error instanceof Deno.errors.NetworkUnreachable ||
    error instanceof Deno.errors.AddrNotAvailable || /unreachable|no route/i.test(text(error));
  return unreachable ? "unreachable" : "failed";
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
