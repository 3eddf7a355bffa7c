import { PATIENCE_MS } from "./eventually.ts";

/** What has no event of its own is looked at again after so long, in milliseconds. */
const LOOK_AGAIN_MS = 50;

/** Wakes all who wait for a condition, each time that something has happened. */
export class Pulse {
  #next: PromiseWithResolvers<void> | undefined;

  /** Something has happened. */
  beat(): void {
    this.#next?.resolve();
    this.#next = undefined;
  }

  /**
   * Resolves once `holds` does.
   *
   * @param what to be said if it does not in time
   * @param patience longest wait, in milliseconds
   */
  async until(holds: () => boolean, what: () => string, patience = PATIENCE_MS): Promise<void> {
    const end = performance.now() + patience;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`never saw ${what()}`);
      this.#next ??= Promise.withResolvers<void>();
      const timer = setTimeout(() => this.beat(), LOOK_AGAIN_MS);
      await this.#next.promise;
      clearTimeout(timer);
    }
  }
}
