import { Link } from "./link.ts";

/**
 * Connects by TCP.
 *
 * @param hostname an IP literal or a name to be resolved
 * @param signal aborts the attempt
 * @throws {Deno.errors.ConnectionRefused} and others of `Deno.connect`
 */
export async function dial(hostname: string, port: number, signal: AbortSignal): Promise<Link> {
  return new Link(await Deno.connect({ hostname, port, signal }));
}
