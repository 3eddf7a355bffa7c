import { createConnection } from "node:net";
import { Link } from "./link.ts";
import { NodeConn } from "./node_conn.ts";

/**
 * Connects by TCP from a port of our own, which `Deno.connect` cannot: that of another connection of ours that was made so, too.
 * Two sides that do it to each other at the same time meet even where neither can be dialled.
 *
 * @param from our own end: an address of this machine; port 0 lets the system choose
 * @param signal aborts the attempt
 * @throws {Error} with the `code` of `node:net`
 */
export function dialFrom(
  hostname: string,
  port: number,
  from: { readonly hostname: string; readonly port: number },
  signal: AbortSignal,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({
      ...{ host: hostname, port, signal },
      ...{ localAddress: from.hostname, localPort: from.port },
    });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(new Link(new NodeConn(socket)));
    });
  });
}
