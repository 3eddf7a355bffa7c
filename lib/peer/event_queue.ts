/** Values pushed on one side and read, in order, by one `for await` on the other. */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #onReturn: () => void;
  #values: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #ended = false;

  /** @param onReturn called once when nothing more will be read */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn;
  }

  /** Adds a value; ignored after the end. */
  push(value: T): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting({ value, done: false });
    else this.#values.push(value);
  }

  /** Ends the queue after what is in it. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
    this.#onReturn();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) {
      const [value] = this.#values.splice(0, 1);
      return Promise.resolve({ value: value as T, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#values = [];
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
