import { RegistryPin } from "../store/registry_pin.ts";
import { TrustBook } from "../store/trust_book.ts";
import { randomHex } from "../crypto/random.ts";
import { keyPair } from "../crypto/x25519.ts";
import { Alarm, steadyNow } from "../net/alarm.ts";
import { parseIp } from "../protocol/address.ts";
import { NONCE_DIGITS } from "../protocol/keyed.ts";
import { plainUser, type User } from "../protocol/message.ts";
import { type ClientKeys, type KeyOptions, newKeys, openKeys } from "./client_keys.ts";
import type { AcceptPolicy, ClientCommand, RelayPolicy } from "./commands.ts";
import { Engine, type Outcome } from "./engine.ts";
import { EventQueue } from "./event_queue.ts";
import type { ClientEvent, RegisteredEvent } from "./events.ts";
import type { PipeTask } from "./pipe_task.ts";
import { type ClientPipe, clientPipe } from "./client_pipe.ts";
import { Sockets } from "./sockets.ts";

/** The registry that is joined if nothing else is said. */
export const DEFAULT_REGISTRY = { server: "127.0.0.1", port: 1337 } as const;

/** How to join a registry. */
export interface ClientOptions {
  /**
   * The registry: an IP literal or a host name.
   * @default {"127.0.0.1"}
   */
  readonly server?: string;
  /**
   * Its TCP port.
   * @default {1337}
   */
  readonly port?: number;
  /** 1 to 32 characters; `docs/PROTOCOL.md` section 3. */
  readonly username: string;
  /** The IP that others reach us at; by default the one from which we reach the registry. */
  readonly ip?: string;
  /**
   * The UDP port that others reach us at; 0 lets the system choose.
   * @default {0}
   */
  readonly udpPort?: number;
  /**
   * Who may open a private chat unasked.
   * @default {"ask"}
   */
  readonly accept?: AcceptPolicy;
  /**
   * Whether to have private chats, not encrypted, with users without a key.
   * @default {true}
   */
  readonly classic?: boolean;
  /**
   * How many messages from before we came to ask the registry for; 0 asks only how many it keeps. They come as
   * `broadcast` events with `replayed`, between two `replay` events. Left out, nothing is asked and nothing comes.
   * @default {undefined}
   */
  readonly replay?: number | undefined;
  /**
   * Whether private chats may go through the registry, sealed, where there is no direct way.
   * @default {"fallback"}
   */
  readonly relay?: RelayPolicy;
  /**
   * Takes the registry's key for the right one even if another was known.
   * @default {false}
   */
  readonly trustRegistry?: boolean;
  /** Bytes to send to somebody, or to take of somebody, in place of talking; {@linkcode Client.pipe} is the way to them. */
  readonly pipe?: PipeTask;
  /** Called for every event, in order, also before {@linkcode Client.registered} resolves. */
  readonly onEvent?: (event: ClientEvent) => void;
}

/** How to join a registry with keys that are kept. */
export interface JoinOptions extends ClientOptions, KeyOptions {}

/** The client could not do its work; {@linkcode ClientError.code} says why, for programs. */
export class ClientError extends Error {
  /** The class, for messages. */
  override readonly name = "ClientError";
  /** A code of `docs/PROTOCOL.md` section 5, or `not-connected`. */
  readonly code: string;

  /** A failure with its code, and what to tell people. */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A client of a registry. Dispose of it to quit. */
export class Client implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #sockets: Sockets;
  readonly #keys: ClientKeys;
  readonly #alarm: Alarm;
  readonly #registered = Promise.withResolvers<RegisteredEvent>();
  readonly #finished = Promise.withResolvers<Outcome>();
  readonly #queues = new Set<EventQueue<ClientEvent>>();
  #onEvent: (event: ClientEvent) => void;
  #closing = false;
  /** The bytes that `pipe` of the options asked for. */
  readonly pipe: ClientPipe;

  /**
   * Begins to connect; {@linkcode joinRegistry} waits for it.
   *
   * @param keys those of {@linkcode openKeys}; for this run only where left out
   * @throws {ProtocolError} `bad-name`
   * @throws {RangeError} if `ip` is no IP literal, or `replay` no whole number from 0
   */
  constructor(options: ClientOptions, keys: ClientKeys = newKeys()) {
    const { username, udpPort = 0, accept = "ask", classic = true } = options;
    this.#keys = keys;
    const { server, port } = { ...DEFAULT_REGISTRY, ...options };
    const ip = options.ip === undefined ? undefined : parseIp(options.ip);
    const { replay } = options;
    if (replay !== undefined && !(Number.isSafeInteger(replay) && replay >= 0)) {
      throw new RangeError(`Cannot ask for ${replay} messages: whole numbers from 0`);
    }
    if (options.ip !== undefined && ip === undefined) {
      throw new RangeError(`Cannot use ${options.ip} as an IP address`);
    }
    this.#onEvent = options.onEvent ?? (() => {});
    // Nobody has to wait for it; who does gets the rejection all the same.
    this.#registered.promise.catch(() => {});
    const on = <A extends unknown[], R>(input: (...args: A) => R) => (...args: A): R => {
      const result = input(...args);
      this.#settle();
      return result;
    };
    const engine = (): Engine => this.#engine;
    const sockets = this.#sockets = new Sockets({ server, port, ip, udpPort }, {
      registryOpened: on((own) => engine().registryOpened(own)),
      registryReceived: on((chunk) => engine().registryReceived(chunk, steadyNow())),
      registryClosed: on((why) => engine().registryClosed(why, steadyNow())),
      datagram: on((bytes, from) => engine().datagram(bytes, from, steadyNow())),
      listening: on((offer, tcpPort) => engine().listening(offer, tcpPort, steadyNow())),
      listenFailed: on((offer, why) => engine().listenFailed(offer, why)),
      newLinkId: () => engine().newLinkId(),
      linkAccepted: on((link, offer, ip) => engine().linkAccepted(link, offer, ip, steadyNow())),
      observed: on((probe, seen) => engine().observed(probe, seen, steadyNow())),
      linkOpened: on((link) => engine().linkOpened(link, steadyNow())),
      linkReceived: on((link, chunk) => engine().linkReceived(link, chunk, steadyNow())),
      linkDrained: on((link) => engine().linkDrained(link, steadyNow())),
      linkEnded: on((link, failure) => engine().linkEnded(link, steadyNow(), failure)),
    });
    this.#engine = new Engine(
      {
        ...{
          username,
          accept,
          classic,
          replay,
          relay: options.relay ?? "fallback",
          newId: () => randomHex(NONCE_DIGITS),
          newKeyPair: () => keyPair(),
        },
        identity: keys.identity,
        trust: new TrustBook(keys.store),
        registryPin: new RegistryPin(keys.store, server, port, options.trustRegistry ?? false),
        pid: Deno.pid,
        pipe: options.pipe,
        random: Math.random,
      },
      Object.assign(sockets, { emit: (event: ClientEvent) => this.#emit(event) }),
    );
    this.pipe = clientPipe(this.#engine.pipes, steadyNow, () => this.#settle());
    this.#alarm = new Alarm({
      nextTimeout: () => this.#engine.nextTimeout(),
      timeout: on((now) => this.#engine.timeout(now)),
    });
    this.#engine.start(steadyNow());
    this.#settle();
    // Once our caller has us.
    queueMicrotask(() => {
      keys.onProblem((message) => this.#emit({ event: "error", code: "store", message }));
    });
  }

  /** Resolves once in the room; rejects with a {@linkcode ClientError} if that fails. */
  get registered(): Promise<RegisteredEvent> {
    return this.#registered.promise;
  }

  /** Resolves once everything is closed. */
  get finished(): Promise<Outcome> {
    return this.#finished.promise;
  }

  /** Who is in the room, without oneself. */
  get peers(): readonly User[] {
    return this.#engine.peers.map(plainUser);
  }

  /** How many broadcasts of ours wait to be sent, or to be acknowledged by the registry. */
  get pending(): number {
    return this.#engine.pending;
  }

  /**
   * All events from now on, to be read by one `for await`; it ends after `bye`. What is not read
   * waits, so read on or leave the loop.
   */
  events(): AsyncIterableIterator<ClientEvent> {
    const queue = new EventQueue<ClientEvent>(() => this.#queues.delete(queue));
    if (this.#closing) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  /** Carries out one command; what comes of it comes as events, also what is wrong with it. */
  command(command: ClientCommand): void {
    if (this.#closing) return;
    this.#engine.command(command, steadyNow());
    this.#settle();
  }

  /** Says `text` to the room. */
  broadcast(text: string): void {
    this.command({ command: "broadcast", text });
  }

  /** Says `text` to one user, opening a private chat first if there is none. */
  chat(to: string, text: string): void {
    this.command({ command: "chat", to, text });
  }

  /**
   * Quits.
   *
   * @param drain whether to wait, as long as it takes, for what was asked for before
   * @returns once everything is closed
   */
  quit({ drain = false }: { drain?: boolean } = {}): Promise<Outcome> {
    if (this.#closing) return this.finished;
    this.#engine.quit(drain, steadyNow());
    this.#settle();
    return this.finished;
  }

  /** Drops every socket without a word, as if the process had been killed. No event follows. */
  async abort(): Promise<void> {
    this.#closing = true;
    this.#alarm.cancel();
    this.#onEvent = () => {};
    this.#endQueues();
    this.#registered.reject(new ClientError("not-connected", "the client was aborted"));
    await Promise.all([this.#sockets.abort(), this.#keys.settled()]);
    this.#finished.resolve({ reason: "aborted", message: "" });
  }

  /** Quits. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
  }

  #emit(event: ClientEvent): void {
    this.#onEvent(event);
    for (const queue of this.#queues) queue.push(event);
    if (event.event === "bye") this.#endQueues();
    if (event.event === "registered") this.#registered.resolve(event);
  }

  #endQueues(): void {
    for (const queue of [...this.#queues]) queue.end();
  }

  /** After each thing done to the engine: sets the alarm, or closes up if it is finished. */
  #settle(): void {
    const outcome = this.#engine.outcome;
    if (!outcome) return this.#closing ? undefined : this.#alarm.update();
    if (this.#closing) return;
    this.#closing = true;
    this.#alarm.cancel();
    this.#registered.reject(new ClientError(outcome.reason, outcome.message));
    Promise.all([this.#sockets.close(), this.#keys.settled()])
      .then(() => this.#finished.resolve(outcome));
  }
}

/**
 * Joins a registry; resolves once in the room.
 *
 * @throws {ClientError} if that fails
 * @throws {IdentityError} if the kept key is sealed and the passphrase is not its
 */
export async function joinRegistry(options: JoinOptions): Promise<Client> {
  const client = new Client(options, await openKeys(options));
  try {
    await client.registered;
  } catch (error) {
    await client.finished;
    throw error;
  }
  return client;
}
