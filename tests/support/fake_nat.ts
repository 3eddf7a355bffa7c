import { DatagramPort } from "../../lib/net/datagrams.ts";
import type { Endpoint } from "../../lib/protocol/address.ts";

/** Where the registry seems to be from inside, and where those inside seem to come from. */
const INSIDE = "127.0.0.2";
const OUTSIDE = "127.0.0.3";

/**
 * A NAT before a registry on 127.0.0.1, in this process: who connects to {@linkcode FakeNat.hostname} reaches the
 * registry under another address and other UDP ports. It takes one inside at a time.
 */
export class FakeNat implements AsyncDisposable {
  /** In place of the registry's. */
  readonly hostname = INSIDE;
  readonly #registry: number;
  readonly #listener: Deno.TcpListener;
  readonly #ports: DatagramPort[] = [];
  readonly #conns = new Set<Deno.TcpConn>();
  readonly #tasks: Promise<unknown>[] = [];
  #inside: Endpoint | undefined;

  /** @param dependent whether it takes another port for each that is spoken to */
  constructor(port: number, udpPorts: readonly number[], { dependent }: { dependent: boolean }) {
    this.#registry = port;
    this.#listener = Deno.listen({ hostname: INSIDE, port });
    this.#tasks.push(this.#accept());
    const outer: DatagramPort[] = [];
    const inner = new Map<number, DatagramPort>();
    const back = (bytes: Uint8Array, from: Endpoint): void => {
      if (this.#inside) inner.get(from.port)?.send(bytes.slice(), this.#inside);
    };
    for (const [index, udpPort] of udpPorts.entries()) {
      if (index === 0 || dependent) outer.push(new DatagramPort(OUTSIDE, 0, { datagram: back }));
      const out = outer.at(-1);
      const datagram = (bytes: Uint8Array, from: Endpoint): void => {
        this.#inside = from;
        out?.send(bytes.slice(), { ip: "127.0.0.1", port: udpPort });
      };
      inner.set(udpPort, new DatagramPort(INSIDE, udpPort, { datagram }));
    }
    this.#ports.push(...outer, ...inner.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) closed(conn);
    await Promise.all([
      ...this.#tasks,
      ...this.#ports.map((port) => port[Symbol.asyncDispose]()),
    ]);
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      const there = await Deno.connect({ hostname: "127.0.0.1", port: this.#registry });
      this.#conns.add(conn).add(there);
      for (const [from, to] of [[conn, there], [there, conn]] as const) {
        this.#tasks.push(
          from.readable.pipeTo(to.writable).catch(() => {}).finally(() => {
            closed(from);
            closed(to);
          }),
        );
      }
    }
  }
}

/** Closes a connection that may be closed already. */
function closed(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // It is.
  }
}
