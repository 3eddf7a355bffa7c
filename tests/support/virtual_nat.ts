import type { LinkId } from "../../lib/peer/port.ts";
import type { Endpoint } from "../../lib/protocol/address.ts";
import type { Dice } from "./dice.ts";

/** What stands between a client and the others. */
export type NatKind =
  | "public"
  | "cone"
  | "cone that resets"
  | "full cone"
  | "symmetric"
  | "UDP blocked"
  | "registry only";

/** A client, as the network sees it. */
export interface NatHost {
  /** Of its own network, or of all. */
  readonly ip: string;
  /** Accepts a connection to a port of its own, if it listens there; gives what to tell once it stands. */
  accepts(port: number, from: Endpoint): boolean;
}

/** One connect of a client, until it stands or not. */
export interface NatDial {
  readonly id: LinkId;
  readonly host: NatHost;
  readonly port: number;
  readonly to: Endpoint;
  /** It has come to nothing. */
  refused(): void;
  /** It stands: with who listens there. */
  accepted(host: NatHost, from: Endpoint): void;
  /** It stands: with another that dialled us. */
  met(other: NatDial): void;
}

/** The router before one client or more. */
class Router {
  readonly ip: string;
  readonly kind: NatKind;
  readonly hosts: NatHost[] = [];
  /** Ports that have been given out: which host's which port stands behind, and with whom it speaks. */
  readonly flows = new Map<number, { host: NatHost; port: number; peers: Set<string> }>();
  #next = 50_000;

  constructor(ip: string, kind: NatKind) {
    this.ip = ip;
    this.kind = kind;
  }

  /** How `port` of `host` is seen by `to`. */
  map(host: NatHost, port: number, to: Endpoint): Endpoint {
    const isNew = this.kind === "symmetric" &&
      ![...this.flows.values()].some((flow) =>
        flow.host === host && flow.port === port && flow.peers.has(key(to))
      );
    const old = [...this.flows].find(([, flow]) =>
      flow.host === host && flow.port === port &&
      (this.kind !== "symmetric" || flow.peers.has(key(to)))
    );
    const seen = old && !isNew ? old[0] : ++this.#next;
    const flow = this.flows.get(seen) ?? { host, port, peers: new Set() };
    flow.peers.add(key(to));
    this.flows.set(seen, flow);
    return { ip: this.ip, port: seen };
  }
}

/** Networks of clients behind NATs of any kind. No sockets, no root; every packet that is lost is drawn from a seed. */
export class VirtualNat {
  /** Where the registry is. */
  static readonly REGISTRY: Endpoint = { ip: "203.0.113.1", port: 1337 };
  readonly #after: (ms: number, run: () => void) => void;
  readonly #dice: Dice;
  readonly #delay: number;
  /** Of 100 packets so many are lost. */
  lossPercent = 0;
  readonly #routers = new Map<NatHost, Router>();
  readonly #hosts = new Set<NatHost>();
  readonly #pending = new Set<NatDial>();

  constructor(after: (ms: number, run: () => void) => void, delay: number, dice: Dice) {
    this.#after = after;
    this.#delay = delay;
    this.#dice = dice;
  }

  /** Hosts in one network, behind a router with that address; or with addresses of their own. */
  place(kind: NatKind, routerIp: string, hosts: readonly NatHost[]): void {
    const router = new Router(routerIp, kind);
    for (const host of hosts) {
      this.#hosts.add(host);
      router.hosts.push(host);
      if (kind !== "public") this.#routers.set(host, router);
    }
  }

  /** How a port of a host is seen by the registry. */
  seen(host: NatHost, port: number): Endpoint {
    return this.#out(host, port, VirtualNat.REGISTRY);
  }

  /** Where a datagram comes from and whom it reaches, if it does. */
  datagram(host: NatHost, port: number, to: Endpoint): { from: Endpoint; to: NatHost } | undefined {
    if (this.#isLost()) return undefined;
    const near = this.#near(host, to.ip);
    if (near) return { from: { ip: host.ip, port }, to: near };
    const kind = this.#routers.get(host)?.kind;
    if (kind === "UDP blocked" || kind === "registry only") return undefined;
    const target = [...this.#hosts].find(({ ip }) => ip === to.ip);
    if (!target || this.#routers.has(target)) return undefined;
    return { from: this.#out(host, port, to), to: target };
  }

  /** Connects. */
  dial(dial: NatDial): void {
    this.#pending.add(dial);
    this.#syn(dial, 0);
  }

  /** Gives it up. */
  cancel(id: LinkId, host: NatHost): void {
    for (const dial of this.#pending) {
      if (dial.id === id && dial.host === host) this.#pending.delete(dial);
    }
  }

  #syn(dial: NatDial, times: number): void {
    if (!this.#pending.has(dial)) return;
    const { host, port, to } = dial;
    // As systems do it: after 1, 3 and 7 seconds.
    if (times < 3) this.#after(1_000 * 2 ** times, () => this.#syn(dial, times + 1));
    const near = this.#near(host, to.ip);
    const router = this.#routers.get(host);
    if (!near && router?.kind === "registry only") return;
    const from = near ? { ip: host.ip, port } : this.#out(host, port, to);
    if (!this.#isLost()) this.#after(this.#delay, () => this.#arrived(dial, from, near));
  }

  #arrived(dial: NatDial, from: Endpoint, near: NatHost | undefined): void {
    if (!this.#pending.has(dial)) return;
    const { to } = dial;
    const open = near ??
      [...this.#hosts].find((host) => host.ip === to.ip && !this.#routers.has(host));
    if (open) return this.#reach(dial, from, open, to.port);
    const router = [...this.#routers.values()].find(({ ip }) => ip === to.ip);
    const flow = router?.flows.get(to.port);
    if (router && flow?.peers.has(key(from))) return this.#reach(dial, from, flow.host, flow.port);
    const [first] = router?.hosts ?? [];
    if (router?.kind === "full cone" && first) return this.#reach(dial, from, first, to.port);
    if (router?.kind === "cone that resets") this.#refuse(dial);
  }

  #reach(dial: NatDial, from: Endpoint, host: NatHost, port: number): void {
    // One that dials us from there: both stand, as with TCP's simultaneous open.
    const other = [...this.#pending].find((each) =>
      each.host === host && each.port === port && key(each.to) === key(from)
    );
    if (!other && !host.accepts(port, from)) return this.#refuse(dial);
    this.#pending.delete(dial);
    if (!other) return this.#after(this.#delay, () => dial.accepted(host, from));
    this.#pending.delete(other);
    this.#after(this.#delay, () => dial.met(other));
  }

  #refuse(dial: NatDial): void {
    this.#after(this.#delay, () => {
      if (this.#pending.delete(dial)) dial.refused();
    });
  }

  #out(host: NatHost, port: number, to: Endpoint): Endpoint {
    return this.#routers.get(host)?.map(host, port, to) ?? { ip: host.ip, port };
  }

  /** Who is in the same network under that address. */
  #near(host: NatHost, ip: string): NatHost | undefined {
    return this.#routers.get(host)?.hosts.find((each) => each.ip === ip);
  }

  #isLost(): boolean {
    return this.#dice.below(100) < this.lossPercent;
  }
}

function key({ ip, port }: Endpoint): string {
  return `${ip} ${port}`;
}
