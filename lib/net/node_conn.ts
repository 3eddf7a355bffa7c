import type { Socket } from "node:net";
import type { TcpConn } from "./link.ts";

/** A connection of `node:net`, as {@linkcode Link} wants one: it reads into the reader's memory, and writes when it is asked. */
export class NodeConn implements TcpConn {
  readonly #socket: Socket;
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  /** What has come and was not read; the socket is paused while there is any. */
  #come: Uint8Array[] = [];
  #hasEnded = false;
  #reader: PromiseWithResolvers<void> | undefined;

  /** @param socket connected, and read by nobody else */
  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddr = address(socket.localAddress, socket.localPort);
    this.remoteAddr = address(socket.remoteAddress, socket.remotePort);
    socket.on("data", (chunk) => {
      socket.pause();
      this.#come.push(chunk);
      this.#reader?.resolve();
    });
    for (const end of ["end", "close", "error"] as const) {
      socket.on(end, () => {
        this.#hasEnded = true;
        this.#reader?.resolve();
      });
    }
  }

  /** Reads into `bytes`; `null` at the end. */
  async read(bytes: Uint8Array): Promise<number | null> {
    const [first] = this.#come;
    if (first) {
      const count = Math.min(first.length, bytes.length);
      bytes.set(first.subarray(0, count));
      if (count < first.length) this.#come[0] = first.subarray(count);
      else this.#come.shift();
      return count;
    }
    if (this.#hasEnded) return null;
    this.#reader = Promise.withResolvers<void>();
    this.#socket.resume();
    await this.#reader.promise;
    return await this.read(bytes);
  }

  /** Writes all of `bytes`, once the system has taken them. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  /** Nothing more will be written. */
  closeWrite(): Promise<void> {
    return new Promise((resolve) => void this.#socket.end(() => resolve()));
  }

  /** Closes it now. */
  close(): void {
    this.#socket.destroy();
  }

  setNoDelay(isOn: boolean): void {
    this.#socket.setNoDelay(isOn);
  }

  setKeepAlive(isOn: boolean): void {
    this.#socket.setKeepAlive(isOn);
  }
}

function address(hostname = "", port = 0): Deno.NetAddr {
  return { transport: "tcp", hostname, port };
}
