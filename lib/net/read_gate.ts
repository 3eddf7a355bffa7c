/**
 * Has what was read on many connections wait while who takes it has enough: it stays in the buffers of its connections,
 * then in the system, then with its senders. Opened, it lets one after the other pass, in the order of their coming, until it
 * is closed again.
 */
export class ReadGate {
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  /** Whether what comes has to wait. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Nothing passes until {@linkcode open}. */
  close(): void {
    this.#isClosed = true;
  }

  /** Lets pass what waits, and what comes. */
  open(): void {
    this.#isClosed = false;
    for (const pass of this.#waiting) {
      this.#waiting.delete(pass);
      pass();
      if (this.#isClosed) return;
    }
  }

  /** Runs `pass` once it may; resolves after that. */
  passed(pass: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(() => {
        pass();
        resolve();
      });
    });
  }
}
