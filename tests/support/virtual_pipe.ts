/** One way of a TCP connection: bytes arrive in order, after the world's delay. */
export interface Pipe {
  deliver(bytes: Uint8Array): void;
  end(): void;
}

/** What a connection runs over: it can be cut, or left to swallow all without a word. */
export class Cable {
  #state: "whole" | "dead" | "cut" = "whole";
  readonly #ends: Pipe[] = [];

  /** From now on nothing arrives at either end, not even the end itself; nor what is under way. */
  die(): void {
    this.#state = "dead";
  }

  /** The same, and both ends notice. */
  cut(): void {
    if (this.#state === "cut") return;
    this.#state = "cut";
    for (const pipe of this.#ends) pipe.end();
  }

  /** A pipe that runs over it. */
  over(pipe: Pipe): Pipe {
    this.#ends.push(pipe);
    return {
      deliver: (bytes) => {
        if (this.#state === "whole") pipe.deliver(bytes);
      },
      end: () => {
        if (this.#state === "whole") pipe.end();
      },
    };
  }
}

/** One way through the world takes so long, in milliseconds. */
export const DELAY = 5;
