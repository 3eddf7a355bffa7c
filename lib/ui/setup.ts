import { dial } from "../net/dial.ts";
import { ClientError, DEFAULT_REGISTRY } from "../peer/client.ts";
import { parseIp, parsePort } from "../protocol/address.ts";
import { ProtocolError } from "../protocol/error.ts";
import { checkName } from "../protocol/name.ts";
import { escapeForTerminal } from "./escape.ts";
import type { ClientSettings } from "./joining_flags.ts";
import { ask, type Asking, type Question } from "./questions.ts";
import { writeLines } from "./stdout.ts";

type Asker = (question: Question) => Promise<string | undefined>;

/** How long the registry may take to answer before the questions go on, in milliseconds. */
const PROBE_MS = 5_000;

/** All that a client needs. */
export interface CompleteSettings {
  readonly server: string;
  readonly port: number;
  readonly username: string;
  readonly ip: string | undefined;
  readonly udpPort: number;
}

/** A registry that answers, and from where it is reached. */
interface Place {
  readonly server: string;
  readonly port: number;
  readonly own: string | undefined;
}

/**
 * Asks for what flags left out: the original program's five questions, in its order. Where to find the
 * registry is asked for again until one answers there.
 *
 * @returns `undefined` if the user gave up
 * @throws {ClientError} `not-connected` if no registry answers where flags say
 */
export async function completeSettings(
  given: ClientSettings,
  asking: Asking,
): Promise<CompleteSettings | undefined> {
  const asker: Asker = (question) => ask(question, asking);
  const place = await findRegistry(given, asker, asking);
  if (!place) return undefined;
  const { server, port, own } = place;
  const username = given.username ?? await asker({
    message: "Enter your username:",
    refuse: refuseName,
  });
  if (username === undefined) return undefined;
  const ip = given.ip ?? await askIp(asker, own);
  if (ip === undefined) return undefined;
  const udpPort = given.udpPort ?? await askPort(asker, "Enter your UDP port:", 0, 0);
  if (udpPort === undefined) return undefined;
  return { server, port, username, ip, udpPort };
}

async function findRegistry(
  given: ClientSettings,
  asker: Asker,
  asking: Asking,
): Promise<Place | undefined> {
  for (;;) {
    const server = given.server ?? await asker({
      message: "Enter server IP:",
      default: DEFAULT_REGISTRY.server,
      refuse: (answer) => answer.trim() === "" ? "An IP address or a host name" : undefined,
    });
    if (server === undefined) return undefined;
    const port = given.port ?? await askPort(asker, "Enter server port:", DEFAULT_REGISTRY.port, 1);
    if (port === undefined) return undefined;
    const isGiven = given.server !== undefined && given.port !== undefined;
    // Nothing depends on the answer: what is amiss shows itself when it is joined.
    if (isGiven && given.ip !== undefined) return { server, port, own: undefined };
    try {
      return { server, port, own: await addressTowards(server, port) };
    } catch (error) {
      if (isGiven || !(error instanceof ClientError)) throw error;
      const told = [`! ${escapeForTerminal(error.message)}`];
      writeLines(told, asking.onStderr ? Deno.stderr : Deno.stdout);
    }
  }
}

async function askPort(
  asker: Asker,
  message: string,
  fallback: number,
  least: number,
): Promise<number | undefined> {
  const answer = await asker({
    message,
    default: String(fallback),
    refuse: (text) => {
      const fits = parsePort(text) !== undefined || (least === 0 && text === "0");
      return fits ? undefined : `A port from ${least} to 65535`;
    },
  });
  return answer === undefined ? undefined : Number(answer);
}

async function askIp(asker: Asker, own: string | undefined): Promise<string | undefined> {
  const question: Question = {
    message: "Enter your client IP:",
    refuse: (answer) => parseIp(answer) === undefined ? "An IP address" : undefined,
  };
  return await asker(own === undefined ? question : { ...question, default: own });
}

/**
 * The address from which this machine reaches the registry.
 *
 * @throws {ClientError} `not-connected` if it does not: further questions would be in vain
 */
async function addressTowards(server: string, port: number): Promise<string | undefined> {
  try {
    await using link = await dial(server.trim(), port, AbortSignal.timeout(PROBE_MS));
    return parseIp(link.localAddr.hostname);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError(
      "not-connected",
      `no registry answers at ${server}:${port}: start one with \`deno task server\`, ` +
        `or give another with --server (${why})`,
    );
  }
}

function refuseName(answer: string): string | undefined {
  try {
    checkName(answer);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
}
